// The entry without the wasm: the caller hosts `luma-edge/module.wasm` and gives it to `init`.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace, LumaError } from "./client.js";
import { createRuntime } from "./instance.js";

let module; // a WebAssembly.Module, or the promise of one

/** Takes the wasm; documented in slim.d.ts. */
export function init(source) {
  module = isModule(source) ? source : compile(source);
  const ready = Promise.resolve(module).then(() => {});
  ready.catch(() => {}); // whoever does not await it hears of a failure at the first call
  return ready;
}

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

function load() {
  if (module) return module;
  throw new LumaError({ code: "invalid_request", message: 'luma-edge/slim has no wasm yet: call init(source) first, with what "luma-edge/module.wasm" holds.' });
}

export { LumaError };
export const { createClient } = createFace(createRuntime(load, createGlue));
