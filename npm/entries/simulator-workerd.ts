// The simulator's entry for Cloudflare Workers: see workerd.ts.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import { createFace } from "../simulator/face.js";
import module from "../simulator.wasm";
import { createRuntime } from "../wasm/instance.js";

export const { createSimulator } = createFace(createRuntime(() => ({ module, createGlue })));
