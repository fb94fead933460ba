// The progress of a job as a fraction, and its listener, which is called between polls, too: a progress bar is one line.

import { inBackground } from "../common/background-timer.js";
import { type Clock, LONGEST_TIMER } from "../common/clock.js";
import { guard } from "../common/guard.js";
import type { JobTime } from "../generated/types.js";
import type { GenerationUpdate, Update } from "../types/updates.js";

/** How often a listener is called between polls, in ms. */
const INTERVAL = 500;
const SHORTEST_INTERVAL = 200;
/** Where the usual time puts a job. The rest is for one that takes longer, which comes ever nearer to 1. */
const AT_THE_USUAL_TIME = 0.9;

/** An update as the engine gives it. */
type EngineUpdate = Update & { progress: JobTime };

export interface ProgressReporter {
  report: (update: EngineUpdate) => void;
  /** The call is over. */
  stop: () => void;
}

/** What a call's listener gets. On a clock that can stand still the pace is the clock's, else the machine's. */
export function createProgressReporter(
  listener: (update: Update) => void,
  interval = INTERVAL,
  clock: Clock | undefined,
): ProgressReporter {
  const notify = guard(listener);
  const leave = new AbortController();
  const now = () => (clock ?? Date).now();
  let fraction = 0;
  let last: GenerationUpdate | undefined; // of a job that runs
  let at = 0; // when that was reported
  let repeats = false;

  function report(update: EngineUpdate): void {
    const runs = "id" in update && update.state !== "completed" && update.state !== "failed";
    fraction = update.state === "completed" ? 1 : Math.max(fraction, fractionOf(update.progress));
    const reported = { ...update, progress: { ...update.progress, fraction } };
    [last, at] = [runs ? (reported as GenerationUpdate) : undefined, now()];
    if (runs && !repeats && interval <= LONGEST_TIMER) {
      repeats = true;
      every(Math.max(SHORTEST_INTERVAL, interval), clock, leave.signal, again);
    }
    notify(reported);
  }

  function again(): void {
    if (!last) return;
    const elapsed = last.progress.elapsed + Math.max(0, now() - at);
    report({ ...last, progress: { ...last.progress, elapsed } });
  }

  return { report, stop: () => leave.abort() };
}

function fractionOf({ elapsed, expected }: JobTime): number {
  const share = elapsed / expected;
  if (!(share > 0 && share < Infinity)) return 0;
  return share < 1 ? share * AT_THE_USUAL_TIME : 1 - (1 - AT_THE_USUAL_TIME) / share;
}

/** Calls `task` so often until the signal aborts. The timer keeps no process alive. */
function every(ms: number, clock: Clock | undefined, signal: AbortSignal, task: () => void): void {
  if (clock?.hold) {
    const next = (): Promise<void> =>
      clock.sleep(ms, signal).then(() => {
        if (signal.aborted) return;
        task();
        return next();
      });
    next().catch(() => {}); // aborted, or the clock has ended
    return;
  }
  signal.addEventListener("abort", inBackground(task, ms));
}
