// Virtual time over real HTTP, so that a client's own CPU can be told from the simulator's: the simulator is served by another
// process, where time moves on only as each request says. Here time jumps to the next timer when no code is running and no request is under
// way.

import { Agent, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";

/** The header with the time of a request, in ms since 1970. */
export const TIME = "x-bench-time";
/** When time begins. */
export const START = Date.UTC(2026, 0, 1);
/** What a request takes to arrive, and its answer to come back, in ms. */
const HALF_WAY = 25;
/** So many connections do for any number of requests, for while they are under way no time passes. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
/** After an answer, a body is read in so many turns of the event loop at most. */
const READING = 4;

export class SteppedTime {
  #now = START;
  #steps = new Map(); // timers by the ms
  #order = []; // those ms, as a heap
  #underWay = 0;
  #answered = false;
  /** How many requests were sent. */
  sent = 0;

  now = () => this.#now;

  #after(ms, task) {
    // Whole ms, as timers have them.
    const at = Math.ceil(this.#now + Math.max(0, ms));
    let step = this.#steps.get(at);
    if (!step) {
      this.#steps.set(at, (step = new Set()));
      push(this.#order, at);
    }
    const timer = { step, task };
    step.add(timer);
    return timer;
  }

  /** Makes the timers and the clocks of this process those of this time; gives how to undo that. */
  replaceTimers() {
    const { setTimeout, clearTimeout } = globalThis;
    const machine = { date: Date.now, performance: performance.now };
    // As cheap as the machine's: a timer is its own handle.
    globalThis.setTimeout = (task, ms = 0, ...args) => this.#after(ms, args.length ? () => task(...args) : task);
    globalThis.clearTimeout = (timer) => timer?.step.delete(timer);
    Date.now = () => this.#now;
    performance.now = () => this.#now - START;
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      Date.now = machine.date;
      performance.now = machine.performance;
    };
  }

  /** For either client's option `fetch`. */
  fetch = async (url, { method, headers, body }) => {
    this.sent++;
    await this.#sleep(HALF_WAY);
    this.#underWay++;
    try {
      return await exchange(url, { method, headers: { ...headers, [TIME]: this.#now }, agent }, body);
    } finally {
      this.#underWay--;
      await this.#sleep(HALF_WAY);
      this.#answered = true;
    }
  };

  #sleep(ms) {
    return new Promise((resolve) => this.#after(ms, resolve));
  }

  /** Lets time pass until the work is done. */
  async pass(work) {
    let over = false;
    const done = () => (over = true);
    work.then(done, done);
    while (!over) {
      for (let left = 1; left > 0; left--) {
        await turn();
        if (this.#underWay || this.#answered) left = READING;
        this.#answered = false;
      }
      if (over) break;
      const next = pop(this.#order);
      // Something outside of time is under way: a module is compiled, say.
      if (next === undefined) continue;
      const step = this.#steps.get(next);
      this.#steps.delete(next);
      if (step.size === 0) continue;
      this.#now = Math.max(this.#now, next);
      for (const timer of step) {
        step.delete(timer);
        timer.task();
      }
    }
    return work;
  }
}

/** Not by the global `fetch`, whose own timers would be those of lumaai. */
function exchange(url, options, body) {
  return new Promise((resolve, reject) => {
    const answered = async (answer) => new Response(await buffer(answer), { status: answer.statusCode, headers: answer.headers });
    request(url, options, (answer) => resolve(answered(answer)))
      .on("error", reject)
      .end(body);
  });
}

function push(heap, value) {
  let at = heap.push(value) - 1;
  for (let up; at > 0 && heap[(up = (at - 1) >> 1)] > value; at = up) heap[at] = heap[up];
  heap[at] = value;
}

function pop(heap) {
  const first = heap[0];
  const value = heap.pop();
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let least = 2 * at + 1;
    if (least + 1 < heap.length && heap[least + 1] < heap[least]) least++;
    if (!(heap[least] < value)) break;
    heap[at] = heap[least];
    at = least;
  }
  heap[at] = value;
  return first;
}
