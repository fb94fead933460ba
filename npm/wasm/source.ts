// A wasm that the caller brings, in whatever form.

import { LumaError } from "../client/error.js";

/** Where the wasm comes from: a compiled module, its bytes, the answer to a request for it, or a promise of these. */
export type WasmSource = WebAssembly.Module | BufferSource | Response;

/** The compiled module: at once where it was given so. */
export function compileSource(source: WasmSource | Promise<WasmSource>): WebAssembly.Module | Promise<WebAssembly.Module> {
  return isModule(source) ? (source as WebAssembly.Module) : compile(source);
}

async function compile(source: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const given = await source;
  if (isModule(given)) return given as WebAssembly.Module;
  if (!isResponse(given)) return WebAssembly.compile(given as BufferSource);
  if (given.ok === false) {
    throw new LumaError({
      code: "network",
      message: `The wasm for luma-edge/slim could not be fetched: ${given.url} answered ${given.status}.`,
      status: given.status,
    });
  }
  return WebAssembly.compile(await given.arrayBuffer());
}

/** Not instanceof: in Next's edge runtime and in Jest the module comes from another realm. */
const isModule = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object WebAssembly.Module]";

const isResponse = (value: object): value is Response => "arrayBuffer" in value;
