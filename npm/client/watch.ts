// A job's updates as something to iterate.

import type { Generation } from "../generated/types.js";
import type { GenerationOrId } from "../types/api.js";
import type { WaitOptions } from "../types/options.js";
import type { GenerationUpdate, Update } from "../types/updates.js";

type Poll = (target: GenerationOrId, options: WaitOptions) => Promise<Generation>;

/** Updates as they come; ends when the job is done, throws what `poll` would. Leaving the loop ends the waiting. */
export async function* watch(
  poll: Poll,
  target: GenerationOrId,
  given: () => Omit<WaitOptions, "onUpdate">,
): AsyncGenerator<GenerationUpdate, void> {
  const { signal, ...options } = given();
  const leave = new AbortController();
  const abort = () => leave.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const updates: GenerationUpdate[] = [];
  let wake: (() => void) | undefined;
  let done = false;
  let notified = false;
  const end = () => {
    done = true;
    wake?.();
  };
  const onUpdate = (update: Update) => {
    const reported = update as GenerationUpdate; // a job that is there is neither waiting nor uploading
    // An update of the time alone replaces an unread one.
    if (updates.at(-1)?.raw === reported.raw) updates.pop();
    updates.push(reported);
    wake?.();
  };
  const polling = poll(target, { ...options, signal: leave.signal, onUpdate });
  polling.then(end, end);
  try {
    for (;;) {
      for (let update = updates.shift(); update; update = updates.shift()) {
        yield update;
        notified = true;
      }
      if (done) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const last = await polling;
    // A job that was done before the first poll has had no update.
    if (!notified) yield { ...last, progress: { elapsed: 0, expected: 0, confidence: 0, fraction: 1 } };
  } finally {
    signal?.removeEventListener("abort", abort);
    leave.abort();
  }
}
