// Calls that share work, none of which may depend on another's life: a Worker's request that ends takes its fetches, timers
// and promises with it, and a call that waits for one of those would wait for ever.

import { inBackground } from "../common/background-timer.js";
import type { Caller, ProgressListener } from "./types.js";

/** A call's work, and how many signs of life it has given. */
export interface Living {
  beats: number;
  /** Whether it has come to an end of its own. */
  over?: boolean;
}

/** How often a working call gives one, and a waiting call checks for one, in ms. */
const INTERVAL = 1_000;

/** After so many checks in a row without a new one, the other call counts as gone. */
const PATIENCE = 30;

/**
 * Gives what tells a waiting call, at each check, whether another is gone. It goes by checks, not by the clock: in a page in the background,
 * and on a machine that slept, the other's timer is as late as its own.
 */
function observer(): (other: Living) => boolean {
  const seen = new WeakMap<Living, { beats: number; checks: number }>();
  return (other) => {
    const { beats } = other;
    const last = seen.get(other);
    const checks = last?.beats === beats ? last.checks + 1 : 0;
    seen.set(other, { beats, checks });
    return checks >= PATIENCE;
  };
}

/**
 * Does a call's work, which gives signs of life meanwhile: by a timer of that call, which ends with it. Once the work is aborted it gives
 * none, even if it goes on.
 */
export async function showsLife<T>(self: Living, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const stop = inBackground(() => self.beats++, INTERVAL);
  signal.addEventListener("abort", stop);
  try {
    return await work();
  } finally {
    self.over = true;
    stop();
    signal.removeEventListener("abort", stop);
  }
}

/** The outcome of another call's work, or `otherwise` when that call is gone, or this one has been aborted. */
export async function whileAlive<T>(other: Living, promise: Promise<T>, signal: AbortSignal, otherwise: () => Promise<T>): Promise<T> {
  const isGone = observer();
  const check = checkUntil(signal, () => isGone(other));
  const outcome = promise.then(
    (value) => async () => value,
    (error) => {
      // workerd rejects what waits for a promise of a request that has ended, before that has settled.
      if (other.over) throw error;
      return otherwise;
    },
  );
  const next = await Promise.race([outcome, check.met.then(() => otherwise)]).finally(check.stop);
  return next();
}

/** A semaphore: lets so many work at once, in the order of the calls. Work of a call that is gone gives up its place. */
export function createSemaphore(most: number) {
  const working = new Set<Living>();
  const waiting = new Set<() => void>();

  return async <T>({ signal, onProgress }: Caller, work: (caller: Caller & { onProgress: ProgressListener }) => Promise<T>): Promise<T> => {
    const isGone = observer();
    const isFree = () => {
      for (const other of working) if (isGone(other)) working.delete(other);
      return working.size < most;
    };
    while (working.size >= most && !signal.aborted) {
      const check = checkUntil(signal, isFree);
      waiting.add(check.wake);
      await check.met;
      waiting.delete(check.wake);
      check.stop();
    }
    const permit: Living = { beats: 0 };
    working.add(permit);
    try {
      signal.throwIfAborted(); // without effect: the caller has left
      const report: ProgressListener = (progress) => {
        permit.beats++;
        onProgress?.(progress);
      };
      return await showsLife(permit, signal, () => work({ signal, onProgress: report }));
    } finally {
      working.delete(permit);
      const [next] = waiting;
      if (next) waiting.delete(next);
      next?.();
    }
  };
}

/** Checks a condition from time to time, by a timer of the call's own; an abort of the call ends the wait at once. */
function checkUntil(signal: AbortSignal, condition: () => boolean) {
  let timer: ReturnType<typeof setInterval> | undefined;
  let wake = () => {};
  const met = new Promise<void>((resolve) => {
    wake = resolve;
    timer = setInterval(() => condition() && resolve(), INTERVAL);
  });
  signal.addEventListener("abort", wake);
  const stop = () => {
    clearInterval(timer);
    signal.removeEventListener("abort", wake);
  };
  return { met, wake, stop };
}
