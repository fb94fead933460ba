// A wasm that the caller brings, in whatever form.

import { LumaError } from "../common/error.js";
import type { Bytes } from "../types/media-input.js";

/** A compiled `WebAssembly.Module`: by that name only the types of a page and of Workers know it, not Node's. */
export type CompiledWasm = object;

/** Where the wasm comes from: a compiled module, its bytes, the answer to a request for it, or a promise of these. */
export type WasmSource = CompiledWasm | Bytes | Response;

/**
 * The compiled module: at once where it was given so.
 * @internal
 */
export function compileSource(source: WasmSource | Promise<WasmSource>): WebAssembly.Module | Promise<WebAssembly.Module> {
  return isModule(source) ? (source as WebAssembly.Module) : compile(source);
}

async function compile(source: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const given = await source;
  if (isModule(given)) return given as WebAssembly.Module;
  if (!isResponse(given)) return compileBytes(given as BufferSource, "what init was given");
  if (given.ok === false) {
    throw new LumaError({
      code: "network",
      message: `The wasm for luma-edge/slim could not be fetched: ${given.url} answered ${given.status}.`,
      status: given.status,
    });
  }
  return compileBytes(await given.arrayBuffer(), given.url);
}

/** What a server sends for a path that it does not know is often a page, with a good status. */
function compileBytes(bytes: BufferSource, from: string): Promise<WebAssembly.Module> {
  const isBytes = ArrayBuffer.isView(bytes) || Object.prototype.toString.call(bytes) === "[object ArrayBuffer]";
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : isBytes && new Uint8Array(bytes);
  if (view && MAGIC.every((byte, index) => view[index] === byte)) return WebAssembly.compile(bytes);
  throw new LumaError({
    code: "invalid_request",
    message: `luma-edge/slim: ${from} is no WebAssembly. Give init what "luma-edge/module.wasm" holds: its bytes, a Response of them, or the compiled module.`,
  });
}

/** How each module begins: "\0asm". */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/** Not instanceof: in Next's edge runtime and in Jest the module comes from another realm. */
const isModule = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object WebAssembly.Module]";

const isResponse = (value: unknown): value is Response => typeof (value as Partial<Response> | null)?.arrayBuffer === "function";
