/** Server-sent events out of a body, as the HTML standard parses them. */
import { ConnectionLost, lost } from "./problems.js";

/** One event; `id` is the last one that the stream has named. */
export interface ServerEvent {
  event: string;
  id: string;
  data: string;
}

/**
 * The events of a body, until it ends. An event that was cut off in its middle is none.
 *
 * Throws ConnectionLost when the body breaks off, or when nothing at all came for `quietMs`: the server sends a comment
 * every 15 s, so a longer silence is a dead connection that nobody has told us of.
 */
export async function* events(body: ReadableStream<Uint8Array>, quietMs: number): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const parser = new Parser();
  try {
    for (;;) {
      const chunk = await withinReach(reader.read(), quietMs);
      if (chunk.done) return;
      yield* parser.feed(chunk.value);
    }
  } finally {
    void reader.cancel().catch(() => undefined); // it may have broken already
  }
}

class Parser {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private event = "";
  private id = "";
  private data: string[] = [];

  /** The events that `bytes` complete. */
  *feed(bytes: Uint8Array): Generator<ServerEvent> {
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? "") + text.slice(whole.length);
    for (const line of lines) {
      if (line !== "") this.field(line);
      else if (this.data.length > 0 || this.event !== "") yield this.complete();
    }
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment: the server is alive
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id") this.id = value;
  }

  private complete(): ServerEvent {
    const found = { event: this.event || "message", id: this.id, data: this.data.join("\n") };
    this.event = "";
    this.data = [];
    return found;
  }
}

/** `promise`, or ConnectionLost when it takes longer than `ms`. */
async function withinReach<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionLost(`nothing came for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, silence]);
  } catch (error) {
    throw lost(error);
  } finally {
    clearTimeout(timer);
  }
}
