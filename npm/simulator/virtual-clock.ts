import type { SimulatorClock } from "./clock.js";
import { type Sleeper, sleepAmong, turn } from "./sleepers.js";

/** So many turns of the event loop in which nothing happens mean that everything waits. */
const CALM = 4;

/**
 * Time that stands still until it is moved, or, when `auto`, until everything waits: then it goes to the next moment
 * that something waits for.
 */
export class VirtualClock implements SimulatorClock {
  readonly virtual = true;
  #now: number;
  #auto: boolean;
  #running = false;
  #sleepers = new Set<Sleeper>(); // in the order in which they went to sleep
  #working = new Set<Promise<unknown>>(); // promises during which time stands still
  #activity = 0;
  #moves = Promise.resolve();

  constructor(start: number, auto: boolean) {
    this.#now = start;
    this.#auto = auto;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#activity++;
    const sleep = sleepAmong(this.#sleepers, signal, (sleeper) => {
      sleeper.at = this.#now + Math.max(0, ms);
    });
    if (this.#auto) this.#run();
    return sleep;
  }

  hold<T>(promise: Promise<T>, most = Infinity, until?: AbortSignal): Promise<T> {
    this.#activity++;
    this.#working.add(promise);
    const done = () => {
      this.#activity++;
      this.#working.delete(promise);
      clearTimeout(timer);
      until?.removeEventListener("abort", done);
    };
    const timer = most < Infinity ? setTimeout(done, most) : undefined;
    until?.addEventListener("abort", done);
    promise.then(done, done);
    return promise;
  }

  /** Wakes each sleeper at its moment and lets what follows from it happen before the next. */
  advance(ms: number): Promise<void> {
    if (this.#auto) return this.sleep(ms);
    this.#moves = this.#moves.then(async () => {
      const target = this.#now + ms;
      await this.#wakeUntil((at) => at <= target);
      this.#now = target;
    });
    return this.#moves;
  }

  close(reason: unknown): void {
    for (const sleeper of this.#sleepers) sleeper.fail(reason);
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    await this.#wakeUntil((at) => at < Infinity);
    this.#running = false;
  }

  /** Wakes one sleeper after the other, the earliest first, for as long as `isDue` holds of the next. */
  async #wakeUntil(isDue: (at: number) => boolean) {
    for (;;) {
      await this.#calm();
      const next = this.#next();
      if (!next || !isDue(next.at)) return;
      this.#now = Math.max(this.#now, next.at);
      this.#activity++;
      next.wake();
    }
  }

  #next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  }

  /** Settles when everything waits. */
  async #calm() {
    for (let calm = 0; calm < CALM; ) {
      const before = this.#activity;
      await turn();
      calm = this.#activity === before && this.#working.size === 0 ? calm + 1 : 0;
    }
  }
}
