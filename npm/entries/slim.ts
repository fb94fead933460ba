// The entry without the wasm: the caller hosts `luma-edge/module.wasm` and gives it to `init`. For libraries, for pages that stream a
// file, and for runtimes that compile no WebAssembly from bytes.

import { createGlue } from "../../target/wasm/client/glue.js";
import { createFace } from "../client/create-client.js";
import { lazyParts } from "../client/parts.js";
import { LumaError } from "../common/error.js";
import { isPromise } from "../common/is-promise.js";
import type { Client } from "../types/api.js";
import type { ClientOptions } from "../types/options.js";
import type { ClientGlue } from "../wasm/client.js";
import { createRuntime, type Wasm } from "../wasm/instance.js";
import { compileSource, type WasmSource } from "../wasm/source.js";

export { isWarning } from "../common/is-warning.js";
export type * from "./types.js";
export type { WasmSource };
export { LumaError };

let module: WebAssembly.Module | Promise<WebAssembly.Module> | undefined;

function load(): Wasm<ClientGlue> | Promise<Wasm<ClientGlue>> {
  if (!module)
    throw new LumaError({
      code: "invalid_request",
      message: 'luma-edge/slim has no WebAssembly yet: call init(source) first, with what "luma-edge/module.wasm" holds.',
    });
  if (isPromise(module)) return module.then((module) => ({ module, createGlue }));
  return { module, createGlue };
}

const face = createFace(createRuntime(load), lazyParts);

/**
 * Takes the wasm. Call it once, before the first call of a client; there is no need to wait for it, since the first call
 * does. After a failure call it again.
 *
 * ```js
 * import { createClient, init } from "luma-edge/slim";
 * init(fetch("/module.wasm"));
 * const { generate } = createClient({ apiKey });
 * ```
 * @returns settles once the wasm is compiled; rejects if it cannot be fetched or compiled
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void> {
  module = compileSource(source);
  const ready = Promise.resolve(module).then(() => {});
  ready.catch(() => {}); // if it is not awaited, the first call reports the failure
  return ready;
}

/** Makes a client, as `createClient` of `luma-edge` does, over the wasm that {@link init} was given. */
export function createClient(options?: ClientOptions): Client {
  return face.createClient(options);
}

/** Starts the wasm that {@link init} was given before the first call needs it. Calling this is optional. */
export function preload(): Promise<void> {
  return face.preload();
}
