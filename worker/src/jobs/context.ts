// What each step of the queue works with.

import type { Env } from "../env.js";
import type { CallerQueues } from "./caller-queues.js";
import type { JobStore } from "./store.js";
import type { Throttle } from "./throttle.js";

export interface QueueContext {
  env: Env;
  jobs: JobStore;
  queues: CallerQueues;
  throttle: Throttle;
}
