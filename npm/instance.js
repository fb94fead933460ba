// Keeps one live instance of a wasm module, and sees to it that nothing hangs should that instance die.
//
// A trap (a panic, an exhausted memory) leaves an instance in a state that nobody vouches for: a Rust future that was
// waiting never wakes, so its promise would stay pending for ever. Therefore every way into the wasm is guarded. What is
// thrown out of it makes the instance dead: each pending promise rejects at once, late timers, callbacks and finalizers
// of the dead instance do nothing, and the next call runs on a fresh instance with glue of its own, so that no pointer
// of the old one can reach the new one.

import { LumaError } from "./error.js";

/** What the dead give back: reads as nothing, whether the glue takes it for a number, a tuple or a value. */
const NOTHING = Object.freeze([]);

/**
 * @param {() => WebAssembly.Module | Promise<WebAssembly.Module>} load gives the compiled module; called for each
 *   instance, so it remembers its outcome. A module that is there at once is instantiated at once: in a Worker no
 *   promise may outlive the request that made it.
 * @param {() => { glue: object, imports: WebAssembly.Imports, begin: string }} createGlue makes the JavaScript side of one
 *   instance, and tells the export to begin with
 * @param {(exports: WebAssembly.Exports) => Promise<void>} [bringSecond] brings the second half of the module, where it is parted
 */
export function createRuntime(load, createGlue, bringSecond) {
  let instance; // the live one, or the promise of it

  function start() {
    const { glue, imports, begin } = createGlue();
    const module = load();
    if (typeof module.then !== "function") return new Instance(glue, new WebAssembly.Instance(module, imports), begin, bringSecond);
    return module
      .then((compiled) => WebAssembly.instantiate(compiled, imports))
      .then((wasm) => (instance = new Instance(glue, wasm, begin, bringSecond)))
      .catch((error) => {
        instance = undefined; // so that a later call tries again
        throw error;
      });
  }

  async function alive() {
    try {
      let found;
      do {
        if (instance?.dead) instance = undefined;
        found = await (instance ??= start());
      } while (found.dead); // killed by another call, between the promise of it and here
      return found;
    } catch (cause) {
      if (cause instanceof LumaError) throw cause;
      throw new LumaError({ code: "internal", message: `luma-edge could not start its WebAssembly: ${cause?.message ?? cause}`, cause });
    }
  }

  return {
    /**
     * Runs `task` with the functions that the wasm exports. They belong to one instance: a value made by one must not
     * be kept beyond the task, except under that very object, say in a WeakMap.
     * @template T
     * @param {(exports: object) => T | Promise<T>} task
     * @returns {Promise<T>} what the task gives; rejects with code `internal` should the instance die before that
     */
    async run(task) {
      return (await alive()).run(task);
    },
  };
}

class Instance {
  dead = false;
  #glue;
  #depth = 0; // calls into the wasm that are under way: it may call out, and be called back
  #pending = new Set(); // how to reject each promise that has not settled

  constructor(glue, wasm, begin, bringSecond) {
    this.#glue = bringSecond ? { ...glue, complete: once(() => bringSecond(wasm.exports)) } : glue;
    const guarded = Object.entries(wasm.exports).map(([name, value]) => [name, typeof value === "function" ? this.#guard(value) : value]);
    glue.__wbg_set_wasm(Object.fromEntries(guarded));
    wasm.exports[begin]();
  }

  run(task) {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const settle = (how) => (value) => {
        this.#pending.delete(reject);
        how(value);
      };
      new Promise((begin) => begin(task(this.#glue))).then(settle(resolve), settle(reject));
    });
  }

  #guard(enter) {
    return (...args) => {
      if (this.dead) return NOTHING;
      this.#depth++;
      try {
        return enter(...args);
      } catch (cause) {
        this.#die(cause);
        // Frames of the dead below this one must be left too. Under them is nobody to tell: who waits has been told.
        if (this.#depth > 1) throw cause;
        return NOTHING;
      } finally {
        this.#depth--;
      }
    };
  }

  #die(cause) {
    this.dead = true;
    for (const reject of this.#pending) {
      reject(
        new LumaError({
          code: "internal",
          message: "luma-edge stopped on a defect of its own and starts afresh with the next call. A request under way may have been received: look for it before sending it again. Please report this, with its cause.",
          cause,
        }),
      );
    }
    this.#pending.clear();
  }
}

/** The outcome of what is done once, unless it fails. */
function once(work) {
  let outcome;
  return () =>
    (outcome ??= work().catch((error) => {
      outcome = undefined;
      throw error;
    }));
}
