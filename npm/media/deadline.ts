// Gives up a task when its caller aborts, or when its time is over.

import { type Clock, LONGEST_TIMER } from "../common/clock.js";
import type { ErrorData } from "../common/error.js";

export interface Patience {
  signal?: AbortSignal | undefined;
  /** In ms; without end by default. */
  timeout?: number;
  clock?: Clock | undefined;
}

/** The outcome of a task, unless the caller gives up before; then the task's signal aborts. */
export function withDeadline<T>(task: (signal: AbortSignal) => Promise<T>, { signal, timeout = Infinity, clock }: Patience): Promise<T> {
  const leave = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (code: "aborted" | "timeout", how: string) =>
      reject({
        code,
        message: `${how} before anything was created: a file was to be handed over`,
        retryable: code === "timeout",
      } satisfies ErrorData);
    const abort = () => end("aborted", "Aborted");
    const late = () => end("timeout", "Out of time");
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { signal: leave.signal });
    // One that is no time is for the engine to refuse.
    if (timeout > 0 && timeout < Infinity) wait(timeout, clock, leave.signal).then(late, () => {});
    task(leave.signal).then(resolve, reject);
  }).finally(() => leave.abort());
}

function wait(ms: number, clock: Clock | undefined, signal: AbortSignal): Promise<void> {
  if (clock) return clock.sleep(ms, signal);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER));
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}
