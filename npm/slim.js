// The entry without the wasm: the caller hosts `luma-edge/module.wasm` and gives it to `init`.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace, LumaError } from "./client.js";
import { createRuntime } from "./instance.js";
import { createRuntimes } from "./runtimes.js";

let module; // a WebAssembly.Module, or the promise of one
let providers; // the same for the other providers

/** Takes the wasm; documented in slim.d.ts. */
export function init(source, others) {
  module = taken(source);
  providers = others && taken(others);
  const ready = Promise.all([module, providers]).then(() => {});
  ready.catch(() => {}); // whoever does not await it hears of a failure at the first call
  return ready;
}

const taken = (source) => (isModule(source) ? source : compile(source));

async function compile(source) {
  const given = await source;
  if (isModule(given)) return given;
  if (given?.ok === false) {
    throw new LumaError({ code: "network", message: `The wasm for luma-edge/slim could not be fetched: ${given.url} answered ${given.status}.`, status: given.status });
  }
  return WebAssembly.compile(given.arrayBuffer ? await given.arrayBuffer() : given);
}

/** Not instanceof: in Next's edge runtime and in Jest the module comes from another realm. */
const isModule = (value) => Object.prototype.toString.call(value) === "[object WebAssembly.Module]";

const load = (module, name) => {
  if (module) return module;
  throw new LumaError({
    code: "invalid_request",
    message: `luma-edge/slim has no ${name} yet: call init(source, providers) first, with what "luma-edge/module.wasm" holds and, for another provider than dream-machine, what "luma-edge/providers.wasm" does.`,
  });
};

const first = createRuntime(() => load(module, "module.wasm"), createGlue);
const loadOther = () => import("./providers/glue.js").then((other) => createRuntime(() => load(providers, "providers.wasm"), other.createGlue));

export { LumaError };
export const { createClient } = createFace(createRuntimes(first, loadOther));
