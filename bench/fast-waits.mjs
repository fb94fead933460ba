// Waits that pass at once, for a program whose clock goes by them. Time-outs, of 30 s and more, never come.

const machine = performance.now.bind(performance);
let skipped = 0;
performance.now = () => machine() + skipped;
globalThis.setTimeout = (task, ms = 0) => {
  if (ms >= 30_000) return;
  skipped += ms;
  queueMicrotask(task);
};
globalThis.clearTimeout = () => {};

/** In ms since 1970, as the client sees it. */
export const now = () => performance.timeOrigin + performance.now();
