/** One streamed answer of the mentor: it survives lost connections, and can be stopped. */
import {
  type ChatReply,
  ChatReplyFromJSON,
  type ChatRequest,
  ProblemFromJSON,
  StreamDeltaFromJSON,
  type StreamMeta,
  StreamMetaFromJSON,
} from "./generated/models/index.js";
import { type Patience, Tries } from "./patience.js";
import { ConnectionLost, ProblemError, lost } from "./problems.js";
import { type ServerEvent, events } from "./sse.js";

/**
 * What a turn tells. `meta` comes first. A `meta` with `restarted` means that the answer began anew (the instance that
 * wrote it is gone): what was shown of it is to be cleared. `done` is last, and `reply.text` is the whole answer.
 */
export type TurnEvent =
  | { type: "meta"; meta: StreamMeta; restarted: boolean }
  | { type: "delta"; text: string }
  | { type: "done"; reply: ChatReply };

/** Where a turn stands, as JSON: enough to go on with it in another process, within a day. */
export interface Bookmark {
  request: ChatRequest;
  idempotencyKey: string;
  lastEventId?: string;
  meta?: StreamMeta;
  text: string;
}

export interface TurnOptions extends Patience {
  /** A silence longer than this is a lost connection (default 45 000 ms; the server says something every 15 s). */
  quietMs?: number;
  /**
   * How often an answer that broke on the server is begun anew (default 2): each time a model is asked again. Where the
   * instance that wrote it is gone, only the new answer tells: one more may have been begun then, and the next loss is thrown.
   */
  restarts?: number;
}

/** What a turn needs of its client. */
export interface Wire {
  /** Ask for the events that follow where a turn stands; `signal` ends the body, too. Throws ProblemError, ConnectionLost. */
  connect(at: Bookmark, signal: AbortSignal): Promise<Response>;
  /** Ask the server to stop writing. */
  stop(messageId: string): Promise<boolean>;
}

/**
 * `for await (const event of turn)`: the answer, once. Leaving the loop leaves the answer running on the server, where it
 * is kept for a day under its key; `stop()` ends it. Throws ProblemError, ConnectionLost, and what the signal was aborted with.
 */
export class MentorTurn implements AsyncIterable<TurnEvent> {
  private readonly at: Bookmark;
  private begun = false;
  private broken = 0; // answers that ended before they were whole
  private announced = false; // the server said so of the last one: the `meta` that follows it tells nothing new
  private readonly named: Promise<string | undefined>;
  private name!: (messageId: string | undefined) => void;

  constructor(
    private readonly wire: Wire,
    from: Bookmark,
    private readonly options: TurnOptions = {},
  ) {
    this.at = { ...from };
    this.named = new Promise((resolve) => (this.name = resolve));
    if (from.meta) this.name(from.meta.messageId);
  }

  /** What has been said so far. */
  get text(): string {
    return this.at.text;
  }

  /** Known once `meta` has come. */
  get meta(): StreamMeta | undefined {
    return this.at.meta;
  }

  /** Keep it (in the app's storage) to come back after the app was closed: `lyo.resume(bookmark)`. */
  get bookmark(): Bookmark {
    return { ...this.at };
  }

  /**
   * Ends the answer: the model stops too, what was said stays, and the loop ends with `done` (`reply.finish` is "stopped").
   * The loop has to be running. False when the answer had already ended.
   */
  async stop(): Promise<boolean> {
    const named = this.at.meta?.messageId ?? (await this.named);
    return named !== undefined && this.wire.stop(named);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TurnEvent> {
    if (this.begun) throw new Error("a turn is read once");
    this.begun = true;
    const tries = new Tries(this.options);
    try {
      for (;;) {
        try {
          for await (const event of this.connection(tries)) {
            yield event;
            if (event.type === "done") return;
          }
        } catch (error) {
          if (this.broken > (this.options.restarts ?? 2)) throw error;
          await tries.pause(error);
        }
      }
    } finally {
      this.name(undefined);
    }
  }

  /** The events of one connection. Throws ConnectionLost when it ends before the answer does. */
  private async *connection(tries: Tries): AsyncGenerator<TurnEvent> {
    const { signal, quietMs = 45_000, answerMs = 60_000 } = this.options;
    const leaving = new AbortController();
    const leave = (): void => leaving.abort(signal?.reason);
    signal?.addEventListener("abort", leave, { once: true });
    const late = setTimeout(() => leaving.abort(new ConnectionLost(`no answer began within ${answerMs} ms`)), answerMs);
    try {
      signal?.throwIfAborted();
      const response = await this.wire.connect(this.at, leaving.signal);
      clearTimeout(late);
      if (!response.body) throw new ConnectionLost("no body came");
      for await (const event of events(response.body, quietMs)) {
        const told = this.take(event);
        if (!told) continue;
        // An answer that is begun anew leads nowhere as long as it says nothing.
        if (told.type !== "meta" || !told.restarted) tries.progress();
        yield told;
        if (told.type === "done") return;
      }
      throw new ConnectionLost("the stream ended before the answer did");
    } catch (error) {
      signal?.throwIfAborted();
      throw lost(error);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", leave);
      leaving.abort();
    }
  }

  /** What an event means; undefined for one that was taken before. Throws ProblemError for the server's `error`. */
  private take(event: ServerEvent): TurnEvent | undefined {
    const data: unknown = JSON.parse(event.data);
    if (event.event === "error") {
      this.broken += 1;
      this.announced = true;
      throw new ProblemError(ProblemFromJSON(data));
    }
    if (event.event === "meta") return this.begin(StreamMetaFromJSON(data), event.id);
    if (this.seen(event.id)) return undefined;
    if (event.event === "done") return { type: "done", reply: ChatReplyFromJSON(data) };
    if (event.event !== "delta") return undefined; // a later server's: nothing this client could show
    const { text } = StreamDeltaFromJSON(data);
    this.at.lastEventId = event.id;
    this.at.text += text;
    return { type: "delta", text };
  }

  private begin(meta: StreamMeta, id: string): TurnEvent | undefined {
    const before = this.at.meta;
    if (before?.messageId === meta.messageId && this.seen(id)) return undefined;
    if (before && !this.announced) this.broken += 1;
    this.announced = false;
    this.at.meta = meta;
    this.at.lastEventId = id;
    this.at.text = "";
    this.name(meta.messageId);
    return { type: "meta", meta, restarted: before !== undefined };
  }

  private seen(id: string): boolean {
    return this.at.lastEventId !== undefined && Number(id) <= Number(this.at.lastEventId);
  }
}
