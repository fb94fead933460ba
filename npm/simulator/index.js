// The simulator's default entry: the wasm travels inside and is compiled on the first call.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import written from "../../target/wasm/simulator/inline.js";
import { inlineModule } from "../inline.js";
import { createRuntime } from "../instance.js";
import { createFace } from "./face.js";

export const { createSimulator } = createFace(createRuntime(inlineModule(() => written), createGlue));
