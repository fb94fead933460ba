// The entry for Vercel's edge runtime, which hands WebAssembly over as a module when asked with `?module`. Both modules are
// there from the start: no promise, not even of an import, is shared between requests.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace } from "./client.js";
import { createRuntime } from "./instance.js";
import module from "./module.wasm?module";
import * as other from "./providers/edge-light.js";
import { createRuntimes } from "./runtimes.js";

const first = createRuntime(() => module, createGlue);
const others = createRuntime(() => other.module, other.createGlue);

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntimes(first, () => others));
