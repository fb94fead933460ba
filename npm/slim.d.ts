/**
 * The same client without the wasm inside: host `luma-edge/module.wasm` yourself, stream it, or let your bundler import
 * it, and hand it to {@link init}. This is the entry for libraries, and for runtimes that compile no WebAssembly from
 * bytes.
 *
 * ```js
 * import { createClient, init } from "luma-edge/slim";
 * init(fetch("/module.wasm"));
 * const { generate } = createClient({ apiKey });
 * ```
 */

export * from "./index.js";

/** Where the wasm comes from: a compiled module, its bytes, the answer to a request for it, or a promise of these. */
export type WasmSource = WebAssembly.Module | BufferSource | Response;

/**
 * Takes the wasm. Call it once, before the first call of a client; nobody needs to wait for it, since the first call
 * does. After a failure call it again.
 * @param providers what `luma-edge/providers.wasm` holds, for clients of another provider than dream-machine
 * @returns settles once the wasm is compiled; rejects if it cannot be fetched or compiled
 */
export function init(source: WasmSource | Promise<WasmSource>, providers?: WasmSource | Promise<WasmSource>): Promise<void>;
