// What each step of the queue works with.

import type { Env } from "../env.js";
import type { Lines } from "./lines.js";
import type { JobStore } from "./store.js";

export interface QueueContext {
  env: Env;
  jobs: JobStore;
  lines: Lines;
}
