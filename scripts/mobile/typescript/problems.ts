/** What can go wrong with a request, as two typed errors: the server said so, or there is no word from it. */
import { type Problem, ProblemFromJSON } from "./generated/models/index.js";
import { FetchError, ResponseError } from "./generated/runtime.js";

/** The server's answer is an error. `code` is stable: compare that, never the texts. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: string;

  /** `retryAfter`: seconds until it is worth another try, where the server said so. */
  constructor(
    readonly problem: Problem,
    readonly retryAfter?: number,
  ) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
  }

  /** From an answer that is no 2xx. Where something in front of the server made it, it is no problem+json: then only its status is known. */
  static async of(response: Response): Promise<ProblemError> {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
    try {
      const body: unknown = await response.json();
      if (isProblem(body)) return new ProblemError(ProblemFromJSON(body), retryAfter);
    } catch {
      // not JSON, or cut off: the status says enough
    }
    const title = response.statusText || `HTTP ${response.status}`;
    const requestId = response.headers.get("x-request-id") ?? "";
    const code = `http_${response.status}`;
    return new ProblemError(
      { type: "about:blank", title, status: response.status, detail: title, code, requestId },
      retryAfter,
    );
  }
}

/** No answer came, or it broke off: nothing says whether the server has done what it was asked. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Whether the same request, with the same Idempotency-Key, may succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ProblemError) return [429, 502, 503, 504].includes(error.status);
  return error instanceof ConnectionLost;
}

/** What a generated method threw, as one of the two errors of this file; anything else (an abort, a bug) as it is. */
export async function understood(error: unknown): Promise<unknown> {
  if (error instanceof ResponseError) return ProblemError.of(error.response);
  if (error instanceof FetchError) return lost(error.cause);
  return lost(error);
}

/** A failed `fetch`, or a body that broke off, is a TypeError by the standard; an abort is the app's own wish. */
export function lost(error: unknown): unknown {
  return error instanceof TypeError ? new ConnectionLost(error.message, { cause: error }) : error;
}

function isProblem(body: unknown): boolean {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "detail" in body;
}
