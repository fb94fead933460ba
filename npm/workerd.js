// The entry for Cloudflare Workers, which compile no WebAssembly from bytes but hand it over as a module. Both modules are
// there from the start: in a Worker no promise, not even of an import, may be shared between requests.

import { createGlue } from "../target/wasm/client/glue.js";
import { createFace } from "./client.js";
import { createRuntime } from "./instance.js";
import module from "./module.wasm";
import * as other from "./providers/workerd.js";
import { createRuntimes } from "./runtimes.js";

const first = createRuntime(() => module, createGlue);
const others = createRuntime(() => other.module, other.createGlue);

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntimes(first, () => others));
