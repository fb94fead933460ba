// What several callers want at once, or soon again, is done once.

import { whileAlive } from "./others.js";

/** How many are remembered by a key. */
const REMEMBERED = 1_000;

/**
 * Joins what is under way or done under a key of `entries`, or begins it. Done, it is good for `kept` ms by the clock `now`, but not
 * beyond `expires`, and not when what it came to is `gone`; also under the key that `also` makes of that.
 */
export async function shared(terms, begin, caller) {
  const { entries, key, kept, expires = Infinity, now, also, gone } = terms;
  const { onProgress, signal } = caller;
  signal.throwIfAborted(); // which nobody hears: who it is for has left
  let entry = entries.get(key);
  const remember = (key) => {
    entries.set(key, entry);
    if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value);
  };
  const begins = !entry || entry.until < now() || (entry.value && gone?.(entry.value));
  if (begins) {
    entry = { until: Infinity, alive: Date.now(), waiting: 0, leave: new AbortController(), listeners: new Set() };
    remember(key);
  }
  const forget = () => entries.get(key) === entry && entries.delete(key);
  if (onProgress) entry.listeners.add(onProgress);
  if (entry.progress && entry.until === Infinity) onProgress?.(entry.progress);
  entry.waiting++;
  const leave = () => {
    entry.listeners.delete(onProgress);
    // Nobody waits for it any more.
    if (--entry.waiting === 0 && entry.until === Infinity) {
      forget();
      entry.leave.abort();
    }
  };
  signal.addEventListener("abort", leave, { once: true });
  if (!begins) {
    return whileAlive(entry, entry.promise, () => {
      forget();
      return shared(terms, begin, caller);
    });
  }
  const tell = (progress) => {
    entry.progress = progress;
    entry.alive = Date.now();
    entry.listeners.forEach((listener) => listener(progress));
  };
  const done = (value) => {
    entry.value = value;
    entry.until = Math.min(expires, now() + kept);
    entry.listeners.clear();
    const other = also?.(value);
    if (other !== undefined) remember(other);
  };
  entry.promise = begin({ signal: entry.leave.signal, onProgress: tell });
  entry.promise.then(done, forget);
  return entry.promise;
}
