// The simulator's entry for Vercel's edge runtime: see edge-light.ts.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import { createFace } from "../simulator/face.js";
import module from "../simulator.wasm?module";
import { createRuntime } from "../wasm/instance.js";

export const { createSimulator } = createFace(createRuntime(() => ({ module, createGlue })));
