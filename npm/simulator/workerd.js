// The simulator's entry for Cloudflare Workers: see ../workerd.js.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import { createRuntime } from "../instance.js";
import module from "../simulator.wasm";
import { createFace } from "./face.js";

export const { createSimulator } = createFace(createRuntime(() => module, createGlue));
