// Keeps one live instance of a wasm module, and sees to it that nothing hangs should that instance die.
//
// A trap (a panic, an exhausted memory) leaves an instance in an undefined state: a Rust future that was waiting never wakes, so its
// promise would stay pending for ever. Therefore every way into the wasm is guarded. What is thrown out of it makes the instance dead:
// each pending promise rejects at once, what the instance held of the caller's (a store's locks) is given back, late timers, callbacks and
// finalizers of the dead instance do nothing, and the next call runs on a fresh instance with glue of its own, so that no pointer of the
// old one can reach the new one.
//
// An instance may die while its own frames wait below: the wasm called a listener, and what that did trapped. They would go on, and send
// what their callers have been told is over. So every way out of the wasm is guarded too, and ends the frames of a dead instance. (To
// throw at the listener as well would end a Node program: what a listener of an AbortSignal throws is nobody's to catch.)

import { LumaError, messageOf } from "../common/error.js";
import { isPromise } from "../common/is-promise.js";

/** The JavaScript side of one instance, as wasm-bindgen writes it: what the wasm imports, and what callers use. */
export interface Glue {
  __wbg_set_wasm(exports: object): void;
}

/** A compiled module, and what makes the JavaScript side of one instance of it. */
export interface Wasm<G extends Glue> {
  module: WebAssembly.Module;
  createGlue: () => G;
}

export interface Runtime<G extends Glue> {
  /**
   * Runs `task` with the glue. It belongs to one instance: a value made by one must not be kept beyond the task, except under that very
   * object, say in a WeakMap.
   * @returns what the task gives; rejects with code `internal` should the instance die before that
   */
  run<T>(task: (glue: G, onDeath: OnDeath) => T | Promise<T>): Promise<T>;
  /** Loads and starts the wasm before a call needs it. */
  preload(): Promise<void>;
}

/** Registers a clean-up for when the instance dies; runs it at once if it is dead already. Call the returned function when it is no longer needed. */
export type OnDeath = (giveBack: () => void) => () => void;

/** What a dead instance gives back: reads as nothing, whether the glue takes it for a number, a tuple or a value. */
const NOTHING = Object.freeze([]);

/**
 * @param load gives the wasm; called for each instance, so it remembers its outcome. A module that is there at once is instantiated at
 *   once: in a Worker no promise may outlive the request that made it.
 */
export function createRuntime<G extends Glue>(load: () => Wasm<G> | Promise<Wasm<G>>): Runtime<G> {
  let instance: Instance<G> | Promise<Instance<G>> | undefined;

  function start(): Instance<G> | Promise<Instance<G>> {
    const wasm = load();
    if (!isPromise(wasm)) {
      const made = new Instance(wasm.createGlue());
      return made.start(new WebAssembly.Instance(wasm.module, made.importsOf(wasm.module)));
    }
    return wasm.then(instantiate).then(
      (made) => (instance = made),
      (error) => {
        instance = undefined; // so that a later call tries again
        throw error;
      },
    );
  }

  async function alive(): Promise<Instance<G>> {
    try {
      let found: Instance<G>;
      do {
        if (instance instanceof Instance && instance.dead) instance = undefined;
        found = await (instance ??= start());
      } while (found.dead); // killed by another call, between the promise of it and here
      return found;
    } catch (cause) {
      if (cause instanceof LumaError) throw cause;
      throw new LumaError({ code: "internal", message: `luma-edge could not start its WebAssembly: ${messageOf(cause)}`, cause });
    }
  }

  return {
    run: async (task) => (await alive()).run(task),
    preload: async () => void (await alive()),
  };
}

async function instantiate<G extends Glue>({ module, createGlue }: Wasm<G>): Promise<Instance<G>> {
  const made = new Instance(createGlue());
  return made.start(await WebAssembly.instantiate(module, made.importsOf(module)));
}

class Instance<G extends Glue> {
  dead = false;
  #cause: unknown; // of its death
  readonly #glue: G;
  readonly #pending = new Set<(reason: LumaError) => void>(); // how to reject each promise that has not settled
  readonly #held = new Set<() => void>(); // how to give back what it holds
  readonly #timers = new Set<unknown>(); // those that run

  constructor(glue: G) {
    this.#glue = glue;
  }

  /** The glue has everything that the wasm imports, under whatever names of modules. */
  importsOf(module: WebAssembly.Module): WebAssembly.Imports {
    const glue = this.#glue as unknown as WebAssembly.ModuleImports;
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      imports[from][name] = guarded(glue[name] as WebAssembly.ImportValue, (call) => this.#guardExit(this.#noteTimer(name, call)));
    }
    return imports;
  }

  start({ exports }: WebAssembly.Instance): this {
    const entries = Object.entries(exports).map(([name, value]) => [name, guarded(value, (call) => this.#guardEntry(call))]);
    this.#glue.__wbg_set_wasm(Object.fromEntries(entries));
    (exports.__wbindgen_start as Call)();
    return this;
  }

  run<T>(task: (glue: G, onDeath: OnDeath) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V) => {
          this.#pending.delete(reject);
          how(value);
        };
      new Promise<T>((begin) => begin(task(this.#glue, this.#onDeath))).then(settle(resolve), settle(reject));
    });
  }

  readonly #onDeath: OnDeath = (giveBack) => {
    if (this.dead) giveBack();
    else this.#held.add(giveBack);
    return () => this.#held.delete(giveBack);
  };

  #noteTimer(name: string, call: Call): Call {
    // A timer of a dead instance would do nothing, and keep a program of Node's from ending. Each one is cleared in the end, also after
    // it has fired.
    if (name.includes("setTimeout"))
      return (...args) => {
        const timer = call(...args);
        this.#timers.add(timer);
        return timer;
      };
    if (name.includes("clearTimeout"))
      return (timer) => {
        this.#timers.delete(timer);
        return call(timer);
      };
    return call;
  }

  #guardEntry(enter: Call): Call {
    return (...args) => {
      if (this.dead) return NOTHING;
      try {
        return enter(...args);
      } catch (cause) {
        this.#die(cause);
        return NOTHING;
      }
    };
  }

  #guardExit(leave: Call): Call {
    return (...args) => {
      const given = leave(...args);
      // It can only have died in that: whoever enters a dead instance gets nowhere.
      if (this.dead) throw this.#cause;
      return given;
    };
  }

  #die(cause: unknown): void {
    if (this.dead) return;
    this.dead = true;
    this.#cause = cause;
    for (const reject of this.#pending) {
      const message =
        `luma-edge stopped on a defect of its own (${messageOf(cause)}) and starts afresh with the next call. ` +
        "A request under way may have been received: look for it before sending it again. Please report this, with its cause.";
      reject(new LumaError({ code: "internal", message, cause }));
    }
    this.#pending.clear();
    for (const giveBack of this.#held) giveBack();
    this.#held.clear();
    for (const timer of this.#timers) clearTimeout(timer as number);
    this.#timers.clear();
  }
}

type Call = (...args: unknown[]) => unknown;

const guarded = <V>(value: V, guard: (call: Call) => Call): V => (typeof value === "function" ? (guard(value as Call) as V) : value);
