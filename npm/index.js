// The default entry: the wasm travels inside and is compiled on the first call.

import { createGlue } from "../target/wasm/client/glue.js";
import written from "../target/wasm/client/inline.js";
import { createFace } from "./client.js";
import { inlineModule } from "./inline.js";
import { createRuntime } from "./instance.js";
import { createRuntimes } from "./runtimes.js";

const loadOther = () => import("./providers/inline.js").then((other) => createRuntime(inlineModule(other.written), other.createGlue));

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntimes(createRuntime(inlineModule(written), createGlue), loadOther));
