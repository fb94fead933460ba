// The entry for Cloudflare Workers, which compile no WebAssembly from bytes but import it as a module. It is there from the start: in a
// Worker no promise may be shared between requests.

import { createGlue } from "../../target/wasm/client/glue.js";
import { createFace } from "../client/create-client.js";
import { lazyParts } from "../client/parts.js";
import module from "../module.wasm";
import { createRuntime } from "../wasm/instance.js";

export { LumaError } from "../common/error.js";
export { isWarning } from "../common/is-warning.js";

export const { createClient, preload } = createFace(
  createRuntime(() => ({ module, createGlue })),
  lazyParts,
);
