// Keeps one live instance of a wasm module, and sees to it that nothing hangs should that instance die.
//
// A trap (a panic, an exhausted memory) leaves an instance in an undefined state: a Rust future that was waiting never wakes, so its
// promise would stay pending for ever. Therefore every way into the wasm is guarded. What is thrown out of it makes the instance dead:
// each pending promise rejects at once, late timers, callbacks and finalizers of the dead instance do nothing, and the next call runs
// on a fresh instance with glue of its own, so that no pointer of the old one can reach the new one.

import { LumaError, messageOf } from "../client/error.js";

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
  run<T>(task: (glue: G) => T | Promise<T>): Promise<T>;
  /** Loads and starts the wasm before a call needs it. */
  preload(): Promise<void>;
}

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
    if (!(wasm instanceof Promise)) {
      const glue = wasm.createGlue();
      return new Instance(glue, new WebAssembly.Instance(wasm.module, importsOf(wasm.module, glue)));
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
  const glue = createGlue();
  return new Instance(glue, await WebAssembly.instantiate(module, importsOf(module, glue)));
}

/** The glue has everything that the wasm imports, under whatever names of modules. */
function importsOf(module: WebAssembly.Module, glue: Glue): WebAssembly.Imports {
  return Object.fromEntries(WebAssembly.Module.imports(module).map(({ module }) => [module, glue as unknown as WebAssembly.ModuleImports]));
}

class Instance<G extends Glue> {
  dead = false;
  readonly #glue: G;
  #depth = 0; // calls into the wasm that are under way: it may call out, and be called back
  readonly #pending = new Set<(reason: LumaError) => void>(); // how to reject each promise that has not settled

  constructor(glue: G, { exports }: WebAssembly.Instance) {
    this.#glue = glue;
    const guarded = Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? this.#guard(value as Enter) : value,
    ]);
    glue.__wbg_set_wasm(Object.fromEntries(guarded));
    (exports.__wbindgen_start as Enter)();
  }

  run<T>(task: (glue: G) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const settle =
        <V>(how: (value: V) => void) =>
        (value: V) => {
          this.#pending.delete(reject);
          how(value);
        };
      new Promise<T>((begin) => begin(task(this.#glue))).then(settle(resolve), settle(reject));
    });
  }

  #guard(enter: Enter): Enter {
    return (...args) => {
      if (this.dead) return NOTHING;
      this.#depth++;
      try {
        return enter(...args);
      } catch (cause) {
        this.#die(cause);
        // Frames of the dead instance below this one must be left too. Under them is nobody to tell: the callers have been told.
        if (this.#depth > 1) throw cause;
        return NOTHING;
      } finally {
        this.#depth--;
      }
    };
  }

  #die(cause: unknown): void {
    this.dead = true;
    for (const reject of this.#pending) {
      const message =
        "luma-edge stopped on a defect of its own and starts afresh with the next call. A request under way may have been received: " +
        "look for it before sending it again. Please report this, with its cause.";
      reject(new LumaError({ code: "internal", message, cause }));
    }
    this.#pending.clear();
  }
}

type Enter = (...args: unknown[]) => unknown;
