// The default entry: the wasm travels inside and is compiled on the first call. Its second half comes with the first job.

import written from "../target/wasm/client/parted/first.js";
import { createGlue } from "../target/wasm/client/parted/glue.js";
import { createFace } from "./client.js";
import { inlineModule, inlineSecond } from "./inline.js";
import { createRuntime } from "./instance.js";
import { createRuntimes } from "./runtimes.js";

const second = inlineSecond(written.called, () => import("./second.js"));
const loadOther = () => import("./providers/inline.js").then((other) => createRuntime(inlineModule(() => other.written), other.createGlue));

export { LumaError } from "./client.js";
export const { createClient } = createFace(createRuntimes(createRuntime(inlineModule(() => written), createGlue, second), loadOther));
