import type { CompiledWasm } from "./wasm/source.js";

/** The simulator's WebAssembly, as runtimes such as Cloudflare Workers import it. */
declare const module: CompiledWasm;
export default module;
