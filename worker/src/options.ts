// The options of a Worker of your own: everything else is in its variables and secrets.

import type { Authorize } from "./auth/authorize.js";

/** What `createWorker` takes. */
export interface Options {
  /** Whose request it is, where `CALLERS` does not know its token: by a session of yours, say. */
  authorize?: Authorize;
}
