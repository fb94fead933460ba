import type { ErrorData } from "./error.js";

/** The outcome of work; if the signal aborts first, an error at once, even if the work ignores the signal. `doing`: what the error says was under way. */
export function untilAborted<T>(signal: AbortSignal | null | undefined, doing: string, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const abort = () => reject({ code: "aborted", message: `Aborted while ${doing}`, retryable: false } satisfies ErrorData);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    work()
      .finally(() => signal.removeEventListener("abort", abort))
      .then(resolve, reject);
  });
}
