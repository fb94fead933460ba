// Time sped up, for clients that talk to a simulator that is sped up alike.

const { setTimeout: realTimeout, clearTimeout: realClear } = globalThis;

/** For luma-edge's option `clock`. */
export function fastClock(speed) {
  const start = Date.now();
  const origin = performance.now();
  return {
    now: () => start + (performance.now() - origin) * speed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          realClear(timer);
          reject(signal.reason);
        };
        const timer = realTimeout(() => {
          signal?.removeEventListener("abort", abort);
          resolve();
        }, ms / speed);
        signal?.addEventListener("abort", abort);
      }),
  };
}

/** For a client that takes no clock: while `work` runs, every `setTimeout` of the process is so much shorter. */
export async function withFastTimers(speed, work) {
  globalThis.setTimeout = (task, ms, ...args) => realTimeout(task, ms / speed, ...args);
  try {
    return await work();
  } finally {
    globalThis.setTimeout = realTimeout;
  }
}
