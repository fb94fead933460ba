// Calls that share work, none of which may depend on another's life: a Worker's request that ends takes its fetches, timers
// and promises with it, and a call that waits for one of those would wait for ever.

import type { Caller, ProgressListener } from "./types.js";

/** Another call's work. `alive` is when it last showed progress, in ms since 1970. */
export interface Living {
  alive: number;
}

/** After so many ms without a sign of life the work of another call counts as gone. If it is only slow, it is done twice. */
const IDLE = 30_000;

/** How often a waiting call checks that, in ms. */
const INTERVAL = 1_000;

const isGone = ({ alive }: Living) => Date.now() - alive > IDLE;

/** The outcome of another call's work, or `otherwise` when that call is gone. */
export async function whileAlive<T>(other: Living, promise: Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  const check = checkUntil(() => isGone(other));
  const next = await Promise.race([promise.then((value) => () => value), check.met.then(() => otherwise)]).finally(check.stop);
  return next();
}

/** A semaphore: lets so many work at once, in the order of the calls. Work of a call that is gone gives up its place. */
export function createSemaphore(most: number) {
  const working = new Set<Living>();
  const waiting: (() => void)[] = [];

  const isFree = () => {
    for (const other of working) if (isGone(other)) working.delete(other);
    return working.size < most;
  };

  return async <T>({ signal, onProgress }: Caller, work: (caller: Caller & { onProgress: ProgressListener }) => Promise<T>): Promise<T> => {
    while (working.size >= most) {
      const check = checkUntil(isFree);
      waiting.push(check.wake);
      await check.met;
      check.stop();
    }
    const permit: Living = { alive: Date.now() };
    working.add(permit);
    try {
      signal.throwIfAborted(); // without effect: the caller has left
      const report: ProgressListener = (progress) => {
        permit.alive = Date.now();
        onProgress?.(progress);
      };
      return await work({ signal, onProgress: report });
    } finally {
      working.delete(permit);
      waiting.shift()?.();
    }
  };
}

/** Checks a condition from time to time, by a timer of the call's own. */
function checkUntil(condition: () => boolean) {
  let timer: ReturnType<typeof setInterval> | undefined;
  let wake = () => {};
  const met = new Promise<void>((resolve) => {
    wake = resolve;
    timer = setInterval(() => condition() && resolve(), INTERVAL);
  });
  return { met, wake, stop: () => clearInterval(timer) };
}
