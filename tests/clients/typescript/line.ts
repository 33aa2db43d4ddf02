/** A line between app and server that a test can cut: it passes HTTP on, and fails as the test says. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What happens to one request. Numbers count bytes of the answer's body. `anew`: the server does not know what came before,
 * as when the instance that wrote the answer is gone: it answers from the beginning, and a model is asked again.
 */
export type Fate =
  | { cut: number; anew?: true }
  | { silent: number }
  | { swallow: true }
  | { answer: number; headers?: Record<string, string>; body?: string };

/** A request as it came through. */
export interface Heard {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  at: number;
}

export class Line {
  readonly heard: Heard[] = [];
  private readonly fates: Fate[] = [];
  private readonly server: Server;

  private constructor(private readonly target: string) {
    this.server = createServer((incoming, outgoing) => void this.pass(incoming, outgoing));
  }

  static async to(target: string): Promise<Line> {
    const line = new Line(target);
    line.server.listen(0, "127.0.0.1");
    await once(line.server, "listening");
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next requests of the app meet these fates, in turn; those after them pass. */
  next(...fates: Fate[]): void {
    this.fates.push(...fates);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = incoming;
    this.heard.push({ method, path, headers, at: Date.now() });
    const fate = this.fates.shift();
    if (fate && "answer" in fate) {
      incoming.resume();
      outgoing.writeHead(fate.answer, fate.headers).end(fate.body ?? "");
      return;
    }
    const sent = { ...headers };
    if (fate && "anew" in fate) {
      sent["idempotency-key"] = randomUUID();
      delete sent["last-event-id"];
    }
    const upstream = request(this.target + path, { method, headers: sent });
    // A caller who has gone is gone for the server, too.
    outgoing.on("close", () => upstream.destroy());
    upstream.on("error", () => outgoing.destroy());
    incoming.pipe(upstream);
    upstream.on("response", (answer) => void deliver(answer, outgoing, fate));
  }
}

async function deliver(answer: IncomingMessage, outgoing: ServerResponse, fate?: Fate): Promise<void> {
  if (fate && "swallow" in fate) {
    answer.resume();
    await once(answer, "end");
    outgoing.destroy(); // the server has done it, and the app never hears
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  let left = fate && "cut" in fate ? fate.cut : fate && "silent" in fate ? fate.silent : Number.POSITIVE_INFINITY;
  answer.on("error", () => outgoing.destroy());
  if (left === 0) outgoing.socket?.destroy(); // before a single byte, not even the status
  answer.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    const part = chunk.subarray(0, left);
    left -= part.length;
    outgoing.write(part, () => {
      if (left <= 0 && fate && "cut" in fate) outgoing.socket?.destroy();
    });
  });
  answer.on("end", () => {
    if (left > 0) outgoing.end();
  });
}
