// Work that several callers want at once, or soon again, is done once.

import { type Living, showsLife, whileAlive } from "./liveness.js";
import type { Caller, ProgressListener } from "./types.js";

/** How many entries are remembered. */
export const REMEMBERED = 1_000;

/** Work that is under way or done. */
export class Entry<T> implements Living {
  /** Until when its value is good; without end while it is under way. */
  until = Infinity;
  beats = 0;
  over = false;
  /** How many callers want it. */
  waiting = 0;
  readonly leave = new AbortController();
  readonly listeners = new Set<ProgressListener>();
  progress?: Parameters<ProgressListener>[0];
  value?: T;
  /** Set when the work begins, which is before another caller can find the entry. */
  promise!: Promise<T>;
}

export interface DedupeOptions<T> {
  entries: Map<string, Entry<T>>;
  key: string;
  /** For how many ms a value is good, by the clock `now`. */
  kept: number;
  /** When a value ends at the latest. */
  expires?: number | undefined;
  now: () => number;
  /** Another key under which a value is remembered as well, if there is one. */
  also?: (value: T) => string | undefined;
  /** Whether a value is good no more. */
  gone?: (value: T) => boolean;
}

/** The work of a caller, with a signal and progress of its own: it is shared, and ends when no caller wants it any more. */
type Begin<T> = (caller: Caller & { onProgress: ProgressListener }) => Promise<T>;

/** Joins the work that is under way or done under the key, or begins it. */
export async function dedupe<T>(options: DedupeOptions<T>, begin: Begin<T>, caller: Caller): Promise<T> {
  const { entries, key, now, gone } = options;
  caller.signal.throwIfAborted(); // without effect: the caller has left
  const found = entries.get(key);
  if (!found || found.until < now() || (found.value && gone?.(found.value))) return start(options, begin, caller);
  join(options, found, caller);
  return whileAlive(found, found.promise, caller.signal, () => {
    caller.signal.throwIfAborted(); // without effect, as above
    forget(options, found);
    return dedupe(options, begin, caller);
  });
}

function start<T>(options: DedupeOptions<T>, begin: Begin<T>, caller: Caller): Promise<T> {
  const { entries, key, kept, expires = Infinity, now, also } = options;
  const entry = new Entry<T>();
  const remember = (key: string) => {
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > REMEMBERED && oldest !== undefined) entries.delete(oldest);
  };
  remember(key);
  join(options, entry, caller);
  const report: ProgressListener = (progress) => {
    entry.progress = progress;
    entry.beats++;
    for (const listener of entry.listeners) listener(progress);
  };
  const done = (value: T) => {
    entry.value = value;
    entry.until = Math.min(expires, now() + kept);
    entry.listeners.clear();
    const other = also?.(value);
    if (other !== undefined) remember(other);
  };
  entry.promise = showsLife(entry, entry.leave.signal, () => begin({ signal: entry.leave.signal, onProgress: report }));
  entry.promise.then(done, () => forget(options, entry));
  return entry.promise;
}

/** Counts a caller in, and out again when its signal aborts. */
function join<T>(options: DedupeOptions<T>, entry: Entry<T>, { signal, onProgress }: Caller) {
  if (onProgress) entry.listeners.add(onProgress);
  if (entry.progress && entry.until === Infinity) onProgress?.(entry.progress);
  entry.waiting++;
  const leave = () => {
    if (onProgress) entry.listeners.delete(onProgress);
    if (--entry.waiting > 0 || entry.until < Infinity) return;
    // No caller wants it any more.
    forget(options, entry);
    entry.leave.abort();
  };
  signal.addEventListener("abort", leave, { once: true });
}

function forget<T>({ entries, key }: DedupeOptions<T>, entry: Entry<T>) {
  if (entries.get(key) === entry) entries.delete(key);
}
