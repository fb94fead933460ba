// The entry for Cloudflare Workers, which compile no WebAssembly from bytes but hand it over as a module.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace } from "./client.js";
import { createRuntime } from "./instance.js";
import module from "./module.wasm";

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntime(() => module, createGlue));
