// The default entry: the face alone. The wasm, and what only some calls need, comes with the first call that needs it.

import { createFace } from "../client/create-client.js";
import { lazyParts } from "../client/parts.js";
import type { Client } from "../types/api.js";
import type { ClientOptions } from "../types/options.js";
import { createRuntime } from "../wasm/instance.js";
import { loadPart, once } from "../wasm/lazy.js";

export { LumaError } from "../common/error.js";
export { isWarning } from "../common/is-warning.js";
export type * from "./types.js";

/** Two files at once: were one to import the other, a failure of that would be remembered by the runtime, and no call could try again. */
const loadClient = once(async () => {
  const files = [import("../wasm/client.js"), import("../wasm/client-text.js")] as const;
  const [{ compileClient }, { default: text }] = await loadPart(() => Promise.all(files));
  return compileClient(text);
});
const face = createFace(createRuntime(loadClient), lazyParts);

/**
 * Makes a client. Nothing is loaded or sent before the first call.
 *
 * ```js
 * const { generate } = createClient({ provider: "agents", apiKey });
 * const tiger = await generate({ model: "ray-3.2", prompt: "A tiger walking in snow" });
 * ```
 */
export function createClient(options?: ClientOptions): Client {
  return face.createClient(options);
}

/**
 * Loads the WebAssembly before the first call needs it. Calling this is optional.
 * @returns settles once calls can be served without loading; rejects as the first call would, which then tries again
 */
export function preload(): Promise<void> {
  return face.preload();
}
