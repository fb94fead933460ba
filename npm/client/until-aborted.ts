import type { ErrorData } from "./error.js";

/** The outcome of work; should the signal abort before, an error at once, whether the work heeds the signal or not. `doing`: what the error says was under way. */
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
