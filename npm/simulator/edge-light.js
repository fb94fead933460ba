// The simulator's entry for Vercel's edge runtime: see ../edge-light.js.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import { createRuntime } from "../instance.js";
import module from "../simulator.wasm?module";
import { createFace } from "./face.js";

export const { createSimulator } = createFace(createRuntime(() => module, createGlue));
