// The entry for Vercel's edge runtime, which imports WebAssembly as a module when asked with `?module`. It is there from the start: no
// promise is shared between requests.

import { createGlue } from "../../target/wasm/client/glue.js";
import { createFace } from "../client/create-client.js";
import { lazyParts } from "../client/parts.js";
import module from "../module.wasm?module";
import { createRuntime } from "../wasm/instance.js";

export { LumaError } from "../common/error.js";
export { isWarning } from "../common/is-warning.js";

export const { createClient, preload } = createFace(
  createRuntime(() => ({ module, createGlue })),
  lazyParts,
);
