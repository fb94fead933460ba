// The face of the simulator: a fetch with a provider behind it, on a clock of its own.

import { answer } from "./answer.js";
import { createClock, type SimulatorClock } from "./clock.js";
import type { Simulator, SimulatorOptions } from "./types.js";
import type { Core, DueCallback, Reply, SimulatorWasm } from "./wasm.js";

/** What `createSimulator` takes: the first three are kept here, the core reads the others. */
const OPTIONS = [
  "clock",
  "start",
  "deliver",
  "seed",
  "validation",
  "faults",
  "limits",
  "apiKeys",
  "credits",
  "latency",
  "listLag",
  "fileLag",
  "durations",
  "assetTtl",
  "baseUrl",
];

/** How long a callback's receiver may take, in ms, by Luma's guide. */
const CALLBACK_TIMEOUT = 5_000;

/** So long, in ms of real time, a callback's receiver holds the simulator's time: it may itself be waiting for time to move. */
const LONGEST_CALLBACK_HOLD = 100;

/** So long a client's own work does: its store might be one that waits for this very time. */
const LONGEST_HOLD = 1_000;

/** Runs tasks with the wasm; after a defect of its own on a fresh instance. */
export interface SimulatorRuntime {
  run<T>(task: (wasm: SimulatorWasm) => T | Promise<T>): Promise<T>;
}

export function createFace(runtime: SimulatorRuntime): { createSimulator: (options?: SimulatorOptions) => Simulator } {
  return { createSimulator: (options) => new Simulation(runtime, options ?? {}).face() };
}

class Simulation {
  #runtime: SimulatorRuntime;
  #settings: string;
  #clock: SimulatorClock;
  #deliver: NonNullable<SimulatorOptions["deliver"]>;
  #wasm: SimulatorWasm | undefined; // the instance that holds the jobs
  #core: Core | undefined;
  #closed: Error | undefined; // why
  #asked = new AbortController(); // aborted by the next request
  #planned: { at: number; cancel: AbortController } | undefined; // when callbacks are due next

  constructor(runtime: SimulatorRuntime, { clock, start, deliver, ...settings }: SimulatorOptions) {
    for (const name of Object.keys(settings)) {
      if (!OPTIONS.includes(name)) throw new TypeError(`createSimulator: ${name} is not one of its options: ${OPTIONS.join(", ")}`);
    }
    this.#runtime = runtime;
    this.#settings = JSON.stringify(settings);
    this.#clock = createClock(clock, start);
    this.#deliver = deliver ?? ((url, init) => globalThis.fetch(url, init));
  }

  face(): Simulator {
    const clock = this.#clock;
    const read = (text: (core: Core) => string) => this.#ask((core) => JSON.parse(text(core)));
    return {
      // A Worker hands its bindings and its context to a handler: those are no init.
      fetch: (input, init, context) => this.#fetch(input, context === undefined ? init : undefined),
      now: () => clock.now(),
      advance: (ms) => this.#advance(ms),
      clock: {
        now: () => clock.now(),
        sleep: (ms, signal) => clock.sleep(ms, signal),
        ...(clock.virtual && { hold: (work, foreign) => clock.hold(work, LONGEST_HOLD, foreign ? this.#asked.signal : undefined) }),
      },
      generations: () => read((core) => core.generations(clock.now())),
      stats: () => read((core) => core.stats(clock.now())),
      requests: () => read((core) => core.requests()),
      close: () => this.#close(),
    };
  }

  async #fetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { signal } = request;
    if (signal.aborted) throw signal.reason;
    // What is under way for a client and asks this simulator waits for its time.
    this.#asked.abort();
    this.#asked = new AbortController();
    const reply = await orAbort(this.#clock.hold(this.#arrive(request)), signal);
    await this.#clock.sleep(reply.outcome === "silence" ? Infinity : reply.after, signal);
    return answer(reply, request, (reading) => this.#clock.hold(reading));
  }

  async #arrive(request: Request): Promise<Reply> {
    const bytes = await request.arrayBuffer();
    const body = bytes.byteLength ? new Uint8Array(bytes) : undefined;
    return this.#ask((core) => core.handle(this.#clock.now(), request.method, request.url, [...request.headers].flat(), body) as Reply);
  }

  /** Runs a task with the core, then sees to the callbacks that it may have planned. */
  async #ask<T>(task: (core: Core) => T): Promise<T> {
    if (this.#closed) throw this.#closed;
    return this.#runtime.run((wasm) => {
      if (this.#wasm && this.#wasm !== wasm) {
        throw this.#end(
          new Error("The simulator stopped on a defect of its own, and what it held is lost: create another one. Please report this."),
        );
      }
      this.#wasm = wasm;
      this.#core ??= this.#create(wasm);
      const result = task(this.#core);
      this.#planCallbacks(this.#core.nextDue());
      return result;
    });
  }

  #create(wasm: SimulatorWasm): Core {
    try {
      return new wasm.Simulator(this.#settings);
    } catch (error) {
      throw this.#end(new TypeError((error as Error).message));
    }
  }

  #planCallbacks(at: number | undefined) {
    if (at === undefined) return;
    const planned = this.#planned;
    // One that is overdue was lost: a Worker's timers end with the request that set them.
    if (planned && planned.at > this.#clock.now() && planned.at <= at) return;
    planned?.cancel.abort();
    const cancel = new AbortController();
    this.#planned = { at, cancel };
    this.#clock.sleep(at - this.#clock.now(), cancel.signal).then(
      () => {
        this.#planned = undefined;
        // This fails only when the simulator itself has ended, and then the next call reports it.
        this.#clock.hold(this.#callBack(), LONGEST_CALLBACK_HOLD).catch(() => {});
      },
      () => {}, // cancelled
    );
  }

  async #callBack() {
    const due: DueCallback[] = await this.#ask((core) => JSON.parse(core.due(this.#clock.now())));
    await Promise.all(
      due.map(async ({ id, url, headers, body }) => {
        const status = await this.#post(url, headers, body);
        await this.#ask((core) => core.delivered(this.#clock.now(), id, status));
      }),
    );
  }

  /** Gives the status, or nothing when no answer came in time. */
  async #post(url: string, headers: DueCallback["headers"], body: string): Promise<number | undefined> {
    const deliver = this.#deliver; // called without a receiver: a page's own fetch is an "Illegal invocation" with another
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), CALLBACK_TIMEOUT);
    try {
      const response = await deliver(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...Object.fromEntries(headers) },
        body,
        signal: late.signal,
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  async #advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) throw new TypeError(`simulator.advance takes the ms to move on, not ${ms}`);
    if (this.#closed) throw this.#closed;
    await this.#clock.advance(ms);
  }

  #close() {
    if (this.#closed) return;
    const { cause } = this.#end(new TypeError("fetch failed", { cause: new Error("The simulator is closed") }));
    this.#planned?.cancel.abort(cause);
    this.#core?.free();
  }

  #end<E extends Error>(reason: E): E {
    this.#closed = reason;
    this.#clock.close(reason);
    return reason;
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
