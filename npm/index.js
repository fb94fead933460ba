// The default entry: the wasm travels inside and is compiled on the first call.

import { createGlue } from "../target/wasm/client/glue.js";
import written from "../target/wasm/client/inline.js";
import { createFace } from "./client.js";
import { inlineModule } from "./inline.js";
import { createRuntime } from "./instance.js";

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntime(inlineModule(written), createGlue));
