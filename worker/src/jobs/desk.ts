// What the parts of the queue work with.

import type { Env } from "../env.js";
import type { Lines } from "./lines.js";
import type { JobStore } from "./store.js";

export interface Desk {
  env: Env;
  jobs: JobStore;
  lines: Lines;
}
