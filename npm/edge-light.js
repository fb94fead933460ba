// The entry for Vercel's edge runtime, which hands WebAssembly over as a module when asked with `?module`.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace } from "./client.js";
import { createRuntime } from "./instance.js";
import module from "./module.wasm?module";

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntime(() => module, createGlue));
