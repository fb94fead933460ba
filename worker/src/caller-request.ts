// A request of any caller, on its way to its route.

import type { Authorize } from "./auth/authorize.js";
import type { Env, Settings } from "./env.js";
import type { LogLine } from "./log.js";

export interface CallerRequest {
  request: Request;
  env: Env;
  settings: Settings;
  /** What the log will say of it. */
  line: LogLine;
  authorize?: Authorize;
}
