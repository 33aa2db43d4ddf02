/** How long to go on trying: pauses that grow, the server's own Retry-After, and an end. */
import { ConnectionLost, ProblemError, isTransient } from "./problems.js";

/** When to give up. Times in milliseconds. */
export interface Patience {
  /** Tries in a row without anything new before the error is thrown (default 8). */
  attempts?: number;
  /** The longest time without anything new, pauses included (default 120 000). A longer Retry-After is thrown at once. */
  withinMs?: number;
  /** The longest wait for an answer to begin (default 60 000); then it is asked for again, under the same key. */
  answerMs?: number;
  /** Ends the wait and the request. The server is not told: see `MentorTurn.stop`. */
  signal?: AbortSignal;
}

const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** The tries of one request. */
export class Tries {
  private failed = 0;
  private since = Date.now();

  constructor(private readonly patience: Patience) {}

  /** Something new has come: what failed before counts no longer. */
  progress(): void {
    this.failed = 0;
    this.since = Date.now();
  }

  /** Wait until it is time for another try. Throws `error` when there is to be none, and the signal's reason. */
  async pause(error: unknown): Promise<void> {
    const { attempts = 8, withinMs = 120_000, signal } = this.patience;
    this.failed += 1;
    if (!isTransient(error) || this.failed >= attempts) throw error;
    // Half of the pause is chance, so that many apps that lost one server do not come back together.
    const growing = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.failed - 1)) * (0.5 + Math.random() / 2);
    const asked = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1000 : 0;
    const pause = Math.max(growing, asked);
    if (Date.now() + pause > this.since + withinMs) throw error;
    await sleep(pause, signal);
  }
}

/**
 * What `run` gives, with a signal that ends it after `ms` (then it is ConnectionLost) or with `signal` (then its reason).
 */
export async function limited<T>(ms: number, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", leave, { once: true });
  const timer = setTimeout(() => leaving.abort(new ConnectionLost(`no answer within ${ms} ms`)), ms);
  try {
    return await run(leaving.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

/** Resolves after `ms`; rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
