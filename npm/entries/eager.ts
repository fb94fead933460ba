// The entry that loads everything at import: for where import() is not allowed, as in a Service Worker, and for programs of one file.

import { createFace } from "../client/create-client.js";
import * as capabilities from "../generated/capabilities.js";
import * as media from "../media/media.js";
import type { Client } from "../types/api.js";
import type { ClientOptions } from "../types/options.js";
import { compileClient } from "../wasm/client.js";
import text from "../wasm/client-text.js";
import { createRuntime } from "../wasm/instance.js";
import { once } from "../wasm/lazy.js";

export { LumaError } from "../common/error.js";
export { isWarning } from "../common/is-warning.js";
export type * from "./types.js";

const face = createFace(createRuntime(once(() => compileClient(text))), {
  media: async () => media,
  capabilities: async () => capabilities,
});

/**
 * Makes a client, as `createClient` of `luma-edge` does. Everything that it needs has come with the import; the WebAssembly is
 * compiled by the first call.
 */
export function createClient(options?: ClientOptions): Client {
  return face.createClient(options);
}

/**
 * Compiles the WebAssembly before the first call needs it. Calling this is optional.
 * @returns settles once calls can be served at once; rejects as the first call would, which then tries again
 */
export function preload(): Promise<void> {
  return face.preload();
}
