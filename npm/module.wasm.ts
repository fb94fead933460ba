import type { CompiledWasm } from "./wasm/source.js";

/** The client's WebAssembly, as runtimes such as Cloudflare Workers import it; for `init` of `luma-edge/slim`. */
declare const module: CompiledWasm;
export default module;
