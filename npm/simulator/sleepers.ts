// Promises that wait for a simulator's time, and how the event loop takes a turn.

/** The handle of one that sleeps. */
export interface Sleeper {
  wake(): void;
  fail(reason: unknown): void;
  /** Called when it wakes or fails. */
  stop?: () => void;
  /** When it is to wake, on a virtual clock. */
  at: number;
}

/** A promise whose handle is in `all` while it sleeps; `start` gives the handle what it needs. An abort is felt at once. */
export function sleepAmong(all: Set<Sleeper>, signal: AbortSignal | undefined, start: (sleeper: Sleeper) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settle =
      <T>(how: (value: T) => void) =>
      (value: T) => {
        all.delete(handle);
        handle.stop?.();
        signal?.removeEventListener("abort", abort);
        how(value);
      };
    const handle: Sleeper = { wake: settle<void>(resolve), fail: settle(reject), at: Infinity };
    const abort = () => handle.fail(signal?.reason);
    signal?.addEventListener("abort", abort);
    all.add(handle);
    start(handle);
  });
}

/** One turn of the event loop, as short as the machine has them. A page's nested timers of 0 ms take 4 ms or, unseen, 1 s. */
export function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  // Cloudflare Workers: there a message arrives within the same turn, so that to wait for one would keep all else waiting. The DOM's
  // types have no `scheduler.wait`.
  const { scheduler } = globalThis as { scheduler?: { wait?(ms: number): Promise<void> } };
  if (typeof scheduler?.wait === "function") return scheduler.wait(0);
  if (typeof MessageChannel !== "function") return new Promise((resolve) => setTimeout(resolve, 0));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
