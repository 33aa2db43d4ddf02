/** The client an app makes once: who is signed in, where the server is, and what may be tried again. */
import { MentorApi } from "./generated/apis/index.js";
import type { ChatReply, ChatRequest } from "./generated/models/index.js";
import { Configuration, type FetchAPI } from "./generated/runtime.js";
import { type Patience, Tries, limited } from "./patience.js";
import { ConnectionLost, ProblemError, lost, understood } from "./problems.js";
import { type Bookmark, MentorTurn, type TurnOptions, type Wire } from "./turn.js";

export interface LyoOptions {
  /** Where the functions answer, without a slash at the end: `https://api.example.com`. */
  basePath: string;
  /** The learner's Firebase ID token: `(refresh) => auth.currentUser.getIdToken(refresh)`. Asked before every request; its failure counts as ConnectionLost. */
  idToken: (refresh: boolean) => string | Promise<string>;
  /** App Check's token, where the project uses it: `async (refresh) => (await getToken(appCheck, refresh)).token`. */
  appCheckToken?: (refresh: boolean) => string | Promise<string>;
  /** Another `fetch`, where the platform's own cannot stream (React Native: `expo/fetch`). */
  fetchApi?: FetchAPI;
  /** Makes an Idempotency-Key, where there is no `crypto.randomUUID` (React Native: `expo-crypto`). */
  newKey?: () => string;
}

export class Lyo {
  /** For the generated APIs: `new JobsApi(lyo.configuration)`. */
  readonly configuration: Configuration;
  readonly mentor: MentorApi;
  private readonly newKey: () => string;
  private refresh = false;

  constructor(options: LyoOptions) {
    const { basePath, idToken, appCheckToken, fetchApi } = options;
    this.newKey = options.newKey ?? (() => crypto.randomUUID());
    this.configuration = new Configuration({
      basePath,
      ...(fetchApi && { fetchApi }),
      accessToken: () => obtained(() => idToken(this.refresh)),
      ...(appCheckToken && { apiKey: () => obtained(() => appCheckToken(this.refresh)) }),
    });
    this.mentor = new MentorApi(this.configuration);
  }

  /** One message to the mentor, its answer as a whole. Tried again under one key, so it is asked and paid for once. */
  ask(chatRequest: ChatRequest, patience: Patience = {}): Promise<ChatReply> {
    const { answerMs = 60_000, signal } = patience;
    return this.once(
      (idempotencyKey) =>
        limited(answerMs, signal, (ending) => this.mentor.mentorChat({ chatRequest, idempotencyKey }, { signal: ending })),
      patience,
    );
  }

  /** One message to the mentor, its answer as it is written. */
  stream(request: ChatRequest, options: TurnOptions = {}): MentorTurn {
    return this.resume({ request, idempotencyKey: this.newKey(), text: "" }, options);
  }

  /** A turn that was begun before, perhaps by an app that was closed meanwhile. */
  resume(bookmark: Bookmark, options: TurnOptions = {}): MentorTurn {
    return new MentorTurn(this.wire(), bookmark, options);
  }

  /**
   * Any generated POST, tried again as long as that may help: `lyo.once((key) => lyo.mentor.mentorRate({ …, idempotencyKey: key }))`.
   *
   * The same key goes with every try, so the server does it once. Throws ProblemError, ConnectionLost.
   */
  async once<T>(call: (idempotencyKey: string) => Promise<T>, patience: Patience = {}): Promise<T> {
    const tries = new Tries(patience);
    const key = this.newKey();
    for (;;) {
      try {
        return await this.signedIn(() => call(key));
      } catch (error) {
        patience.signal?.throwIfAborted();
        await tries.pause(error);
      }
    }
  }

  /** Run a call; after a 401 once more, with tokens that were made anew. */
  private async signedIn<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      const error = await understood(thrown);
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
    }
    this.refresh = true;
    try {
      return await call();
    } catch (thrown) {
      throw await understood(thrown);
    } finally {
      this.refresh = false;
    }
  }

  private wire(): Wire {
    return {
      connect: (at, signal) => this.signedIn(() => this.connect(at, signal)),
      stop: async (messageId) =>
        (await this.once((idempotencyKey) => this.mentor.mentorStop({ messageId, idempotencyKey }))).stopped,
    };
  }

  private async connect(at: Bookmark, signal: AbortSignal): Promise<Response> {
    // The generated client says what the request is; only reading its answer bit by bit is not in it.
    const asked = await this.mentor.mentorChatRequestOpts({
      chatRequest: at.request,
      idempotencyKey: at.idempotencyKey,
      ...(at.lastEventId !== undefined && { lastEventID: at.lastEventId }),
    });
    const send: FetchAPI = this.configuration.fetchApi ?? fetch;
    const response = await send(this.configuration.basePath + asked.path, {
      method: asked.method,
      headers: { ...asked.headers, Accept: "text/event-stream" },
      body: JSON.stringify(asked.body),
      signal,
    }).catch((error: unknown) => {
      throw lost(error);
    });
    if (!response.ok) throw await ProblemError.of(response);
    return response;
  }
}

/**
 * A token. It is renewed over the network, and whoever renews it has errors of its own for being offline (Firebase:
 * `auth/network-request-failed`): any of them is ConnectionLost, with what was thrown as its `cause`.
 */
async function obtained(make: () => string | Promise<string>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    throw new ConnectionLost(`no token: ${String(error)}`, { cause: error });
  }
}
