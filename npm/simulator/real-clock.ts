import { LONGEST_TIMER } from "../common/clock.js";
import type { SimulatorClock } from "./clock.js";
import { type Sleeper, sleepAmong, turn } from "./sleepers.js";

/** Time that passes by itself, `speed` times as fast as the machine's. */
export class RealClock implements SimulatorClock {
  readonly virtual = false;
  #speed: number;
  #start: number | undefined;
  #origin: number | undefined; // the machine's time at the start
  #sleepers = new Set<Sleeper>();

  constructor(start: number | undefined, speed: number) {
    this.#start = start;
    this.#speed = speed;
  }

  now(): number {
    // Time starts when it is first read: a Worker has none while it loads.
    this.#start ??= Date.now();
    this.#origin ??= performance.now();
    return this.#start + (performance.now() - this.#origin) * this.#speed;
  }

  /** Each sleeper has a timer of its own: in a Worker, one request's timer must not wake another request. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    for (let rest = ms; rest > 0; rest = until - this.now()) {
      await sleepAmong(this.#sleepers, signal, (sleeper) => {
        if (rest === Infinity) return;
        const timer = setTimeout(sleeper.wake, Math.min(Math.ceil(rest / this.#speed), LONGEST_TIMER));
        sleeper.stop = () => clearTimeout(timer);
      });
    }
  }

  /** Real time cannot be held. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }

  /** Skips ahead: every sleeper wakes and reads the time again. */
  async advance(ms: number): Promise<void> {
    this.#start = this.now() + ms;
    this.#origin = performance.now();
    for (const sleeper of this.#sleepers) sleeper.wake();
    await turn();
  }

  close(reason: unknown): void {
    for (const sleeper of this.#sleepers) sleeper.fail(reason);
  }
}
