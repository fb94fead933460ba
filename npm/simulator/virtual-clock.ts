// The two ways for a simulator's time to pass. Each is `{ now(), sleep(ms, signal), hold(promise, outside), advance(ms),
// close(reason) }`.

/** The longest wait of a timer in JavaScript: beyond it, it fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** No more than so many ms is time held up by what runs outside: it may itself be waiting for time to move. */
const LONGEST_HOLD = 100;

/** So many turns of the event loop in which nothing stirs mean that everybody waits. */
const CALM = 4;

/** Time that passes by itself, `speed` times as fast as the machine's. */
export class RealClock {
  #speed;
  #start;
  #origin; // the machine's time at the start
  #sleepers = new Set();

  constructor(start, speed) {
    this.#start = start;
    this.#speed = speed;
  }

  now() {
    // Time starts with the first look at it: a Worker has none while it loads.
    this.#start ??= Date.now();
    this.#origin ??= performance.now();
    return this.#start + (performance.now() - this.#origin) * this.#speed;
  }

  /** Each sleeper has a timer of its own: in a Worker, one request's timer must not wake another request. */
  async sleep(ms, signal) {
    const until = this.now() + ms;
    for (let rest = ms; rest > 0; rest = until - this.now()) {
      await sleeper(this.#sleepers, signal, (sleeper) => {
        if (rest === Infinity) return;
        const timer = setTimeout(sleeper.wake, Math.min(Math.ceil(rest / this.#speed), LONGEST_TIMER));
        sleeper.stop = () => clearTimeout(timer);
      });
    }
  }

  /** Time passes, whoever works. */
  hold(promise) {
    return promise;
  }

  /** Skips ahead: whoever sleeps looks at the time again. */
  async advance(ms) {
    this.#start = this.now() + ms;
    this.#origin = performance.now();
    for (const sleeper of this.#sleepers) sleeper.wake();
    await turn();
  }

  close(reason) {
    for (const sleeper of this.#sleepers) sleeper.fail(reason);
  }
}

/**
 * Time that stands still until it is told to move, or, when `auto`, until everybody waits: then it goes to the next moment
 * that somebody waits for.
 */
export class VirtualClock {
  #now;
  #auto;
  #running = false;
  #sleepers = new Set(); // in the order in which they lay down
  #working = new Set(); // promises during which time stands still
  #stirs = 0;
  #moves = Promise.resolve();

  constructor(start, auto) {
    this.#now = start;
    this.#auto = auto;
  }

  now() {
    return this.#now;
  }

  sleep(ms, signal) {
    this.#stirs++;
    const sleep = sleeper(this.#sleepers, signal, (sleeper) => {
      sleeper.at = this.#now + Math.max(0, ms);
    });
    if (this.#auto) this.#run();
    return sleep;
  }

  /** Keeps time where it is until the promise settles; `outside`, until it had its chance to. */
  hold(promise, outside) {
    this.#stirs++;
    this.#working.add(promise);
    const done = () => {
      this.#stirs++;
      this.#working.delete(promise);
      clearTimeout(timer);
    };
    const timer = outside && setTimeout(done, LONGEST_HOLD);
    promise.then(done, done);
    return promise;
  }

  /** Moves time on, waking each sleeper at its moment and letting what follows from it happen before the next. */
  advance(ms) {
    if (this.#auto) return this.sleep(ms);
    return (this.#moves = this.#moves.then(async () => {
      const target = this.#now + ms;
      await this.#calm();
      for (let next; (next = this.#next())?.at <= target; await this.#calm()) this.#wake(next);
      this.#now = target;
    }));
  }

  close(reason) {
    for (const sleeper of this.#sleepers) sleeper.fail(reason);
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    await this.#calm();
    for (let next; (next = this.#next())?.at < Infinity; await this.#calm()) this.#wake(next);
    this.#running = false;
  }

  #next() {
    let first;
    for (const sleeper of this.#sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  }

  #wake(sleeper) {
    this.#now = Math.max(this.#now, sleeper.at);
    this.#stirs++;
    sleeper.wake();
  }

  async #calm() {
    for (let calm = 0; calm < CALM; ) {
      const before = this.#stirs;
      await turn();
      calm = this.#stirs === before && this.#working.size === 0 ? calm + 1 : 0;
    }
  }
}

/** A promise that is kept in `all` while it sleeps; `start` gives its handle what it needs. An abort is felt at once. */
function sleeper(all, signal, start) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settle = (how) => (value) => {
      all.delete(handle);
      handle.stop?.();
      signal?.removeEventListener("abort", abort);
      how(value);
    };
    const handle = { wake: settle(resolve), fail: settle(reject) };
    const abort = () => handle.fail(signal.reason);
    signal?.addEventListener("abort", abort);
    all.add(handle);
    start(handle);
  });
}

/** One turn of the event loop, as short as the machine has them. A page's nested timers of 0 ms take 4 ms or, unseen, 1 s. */
function turn() {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  // Cloudflare Workers: there a message arrives within the same turn, so that to wait for one would keep all else waiting.
  if (typeof globalThis.scheduler?.wait === "function") return scheduler.wait(0);
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
