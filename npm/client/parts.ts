// What only some calls need, and how it is loaded.

import { loadPart } from "../wasm/lazy.js";

export interface Parts {
  /** Files: those of requests, and those of finished jobs. */
  media(): Promise<typeof import("../media/media.js")>;
  /** What each provider has. */
  capabilities(): Promise<typeof import("../generated/capabilities.js")>;
}

/** Loaded by the first call that needs it. No promise of it is kept: in a Worker none may be shared between requests. */
export const lazyParts: Parts = {
  media: () => loadPart(() => import("../media/media.js")),
  capabilities: () => loadPart(() => import("../generated/capabilities.js")),
};
