// The face of the simulator: a fetch with a provider behind it, on a clock of its own.

import { answer } from "./answer.js";
import { RealClock, VirtualClock } from "./clock.js";

/** What `createSimulator` takes: the first three are kept here, the core reads the others. */
const OPTIONS = ["clock", "start", "deliver", "seed", "validation", "faults", "limits", "apiKeys", "credits", "latency", "listLag", "fileLag", "durations", "assetTtl", "baseUrl"];

/** Where virtual time starts unless it is told: the same day each time. */
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** How long a callback's receiver may take, in ms, by Luma's guide. */
const CALLBACK_TIMEOUT = 5_000;

/** @param {{ run: (task: (wasm: object) => unknown) => Promise<unknown> }} runtime */
export function createFace(runtime) {
  return { createSimulator: (options) => new Simulation(runtime, options ?? {}).face() };
}

class Simulation {
  #runtime;
  #settings;
  #clock;
  #deliver;
  #wasm; // the instance that holds the jobs
  #core;
  #closed;
  #planned; // the callbacks' next moment, and how to call it off

  constructor(runtime, { clock, start, deliver, ...settings }) {
    for (const name of Object.keys(settings)) {
      if (!OPTIONS.includes(name)) throw new TypeError(`createSimulator: ${name} is not one of its options: ${OPTIONS.join(", ")}`);
    }
    this.#runtime = runtime;
    this.#settings = JSON.stringify(settings);
    this.#clock = createClock(clock, start);
    this.#deliver = deliver ?? ((url, init) => globalThis.fetch(url, init));
  }

  face() {
    const clock = this.#clock;
    const read = (what) => this.#ask((core) => JSON.parse(core[what](clock.now())));
    return {
      // A Worker hands its bindings and its context to a handler: those are no init.
      fetch: (input, init, context) => this.#fetch(input, context === undefined ? init : undefined),
      now: () => clock.now(),
      advance: (ms) => this.#advance(ms),
      clock: { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) },
      generations: () => read("generations"),
      stats: () => read("stats"),
      requests: () => read("requests"),
      close: () => this.#close(),
    };
  }

  async #fetch(input, init) {
    const request = new Request(input, init);
    const { signal } = request;
    if (signal.aborted) throw signal.reason;
    const reply = await orAbort(this.#clock.hold(this.#arrive(request)), signal);
    await this.#clock.sleep(reply.outcome === "silence" ? Infinity : reply.after, signal);
    return answer(reply, request);
  }

  async #arrive(request) {
    const bytes = await request.arrayBuffer();
    const body = bytes.byteLength ? new Uint8Array(bytes) : undefined;
    return this.#ask((core) => core.handle(this.#clock.now(), request.method, request.url, [...request.headers].flat(), body));
  }

  /** Runs a task with the core, then sees to the callbacks that it may have planned. */
  async #ask(task) {
    if (this.#closed) throw this.#closed;
    return this.#runtime.run((wasm) => {
      if (this.#wasm && this.#wasm !== wasm) {
        throw this.#end(new Error("The simulator stopped on a defect of its own, and what it held is lost: create another one. Please report this."));
      }
      this.#wasm = wasm;
      this.#core ??= this.#create(wasm);
      const result = task(this.#core);
      this.#planCallbacks(this.#core.nextDue());
      return result;
    });
  }

  #create(wasm) {
    try {
      return new wasm.Simulator(this.#settings);
    } catch (error) {
      throw this.#end(new TypeError(error.message));
    }
  }

  #planCallbacks(at) {
    // One that is overdue was lost: a Worker's timers end with the request that set them.
    const earlier = this.#planned && this.#planned.at > this.#clock.now();
    if (at === undefined || (earlier && at >= this.#planned.at)) return;
    this.#planned?.calledOff.abort();
    const planned = { at, calledOff: new AbortController() };
    this.#planned = planned;
    this.#clock.sleep(at - this.#clock.now(), planned.calledOff.signal).then(
      () => {
        this.#planned = undefined;
        // Only the end of the simulator itself can make this fail, and then whoever asks next is told.
        this.#clock.hold(this.#callBack(), true).catch(() => {});
      },
      () => {}, // called off
    );
  }

  async #callBack() {
    const due = await this.#ask((core) => JSON.parse(core.due(this.#clock.now())));
    await Promise.all(
      due.map(async ({ id, url, headers, body }) => {
        const status = await this.#post(url, headers, body);
        await this.#ask((core) => core.delivered(this.#clock.now(), id, status));
      }),
    );
  }

  /** Gives the status, or nothing when no answer came in time. */
  async #post(url, headers, body) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), CALLBACK_TIMEOUT);
    try {
      const response = await this.#deliver(url, { method: "POST", headers: { "content-type": "application/json", ...Object.fromEntries(headers) }, body, signal: late.signal });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  async #advance(ms) {
    if (!(ms >= 0 && ms < Infinity)) throw new TypeError(`simulator.advance takes the ms to move on, not ${ms}`);
    if (this.#closed) throw this.#closed;
    await this.#clock.advance(ms);
  }

  #close() {
    if (this.#closed) return;
    const { cause } = this.#end(new TypeError("fetch failed", { cause: new Error("The simulator is closed") }));
    this.#planned?.calledOff.abort(cause);
    this.#core?.free();
  }

  #end(reason) {
    this.#closed = reason;
    this.#clock.close(reason);
    return reason;
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
function orAbort(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function createClock(clock, start) {
  const speed = clock ?? 1;
  const virtual = clock === "manual" || clock === "auto";
  if (!virtual && !(speed > 0 && speed < Infinity)) {
    throw new TypeError(`createSimulator: clock is "manual", "auto" or a speed such as 20, not ${JSON.stringify(clock)}`);
  }
  const first = start === undefined ? undefined : +start;
  if (first !== undefined && !(Math.abs(first) <= 8.64e15)) throw new TypeError("createSimulator: start is a Date or a time in ms");
  return virtual ? new VirtualClock(first ?? FIRST_DAY, clock === "auto") : new RealClock(first, speed);
}
