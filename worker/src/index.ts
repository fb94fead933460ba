// The Worker, as wrangler deploys it, and its parts, as `luma-edge/worker` exports them.

import { createApp } from "./app.js";
import type { Env } from "./env.js";
import type { Options } from "./options.js";

export type { Authorize } from "./auth/authorize.js";
export type { Authorized } from "./auth/authorized.js";
export { hashToken } from "./auth/token.js";
export { Creation } from "./creation/creation.js";
export type { Env } from "./env.js";
export type { Job, JobState } from "./jobs/job.js";
export { Queue } from "./jobs/queue.js";
export { Account } from "./limits/account.js";
export type { Limits } from "./limits/limits.js";
export type { Options } from "./options.js";
export { Result } from "./results/result.js";

/**
 * A Worker, for its module's `export default`. The same module exports the classes {@link Account}, {@link Creation}, {@link Queue} and
 * {@link Result}.
 */
export function createWorker(options?: Options): { fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> } {
  const app = createApp(options);
  return { fetch: async (request, env, context) => app.fetch(request, env, context) };
}

export default createWorker();
