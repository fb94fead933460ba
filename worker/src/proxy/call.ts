// One request of a caller's, as the gates before it have read it.

import type { ProviderId } from "luma-edge";
import type { Authorized } from "../auth/authorized.js";
import type { Env, Settings } from "../env.js";
import type { LogLine } from "../log.js";
import type { Asked } from "./operations.js";

export interface Call extends Asked {
  request: Request;
  env: Env;
  settings: Settings;
  caller: Required<Authorized>;
  provider: ProviderId;
  /** Known parameters, with the question mark. */
  query: string;
  /** What the log will say of it. */
  line: LogLine;
}
