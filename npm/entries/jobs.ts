/**
 * A client of the jobs of `luma-edge/worker`, for pages: the Worker keeps the key, the queue and the results. Needs no WebAssembly.
 *
 * ```js
 * const jobs = createJobsClient({ token });
 * const { id } = await jobs.submit({ model: "ray-3.2", prompt: "A tiger walking in snow" });
 * video.src = (await jobs.wait(id)).assets.video;
 * ```
 */

export type { Clock } from "../common/clock.js";
export { LumaError } from "../common/error.js";
export type { Generation, GenerationRequest, Problem, ProviderId } from "../generated/types.js";
export { createJobsClient } from "../jobs/client.js";
export type * from "../jobs/types.js";
export type { CallOptions } from "../types/options.js";
