// Waiting: for a time, and for the network.

import type { Clock } from "../common/clock.js";

/** The machine's own. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done);
      if (signal?.aborted) done();
    }),
};

/** What a page has and other runtimes lack. */
interface Page {
  navigator?: { onLine?: boolean };
  addEventListener?(type: "online", listener: () => void): void;
  removeEventListener?(type: "online", listener: () => void): void;
}

/** Settles at once, unless the page knows that it is offline. */
export async function untilOnline(signal: AbortSignal | undefined): Promise<void> {
  const page = globalThis as Page;
  if (page.navigator?.onLine !== false || signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      page.removeEventListener?.("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    page.addEventListener?.("online", done);
    signal?.addEventListener("abort", done);
  });
}
