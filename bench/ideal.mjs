// The best that limits allow.

const MINUTE = 60_000;

/**
 * When the last of some jobs ends, in ms, if each is sent in its turn the very moment that the limits allow it, and nothing
 * takes time but the jobs.
 * @param {number[]} durations in ms
 * @param {{ concurrent: number, perMinute: number }} limit
 */
export function idealMakespan(durations, { concurrent, perMinute }) {
  const starts = [];
  const ends = []; // of those that may still run
  let last = 0;
  for (const [index, duration] of durations.entries()) {
    let start = Math.max(starts.at(-1) ?? 0, (starts[index - perMinute] ?? -Infinity) + MINUTE);
    if (ends.length === concurrent) {
      const first = ends.indexOf(Math.min(...ends));
      start = Math.max(start, ends.splice(first, 1)[0]);
    }
    starts.push(start);
    ends.push(start + duration);
    last = Math.max(last, start + duration);
  }
  return last;
}
