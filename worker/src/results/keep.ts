// What the rest of the Worker asks of results.

import type { Generation } from "luma-edge";
import type { Env } from "../env.js";
import { filesOf, withAddresses } from "./files.js";
import { NotKept } from "./not-kept.js";

/**
 * Copies the files of a finished generation into the bucket, and gives the generation with this server's addresses for them. It may be called
 * again after whatever came between, and goes on where it was; for files that are kept it gives the same addresses. Without a bucket it gives
 * the generation as it is.
 * @param origin of this server, as callers reach it
 * @throws {NotKept} `permanent` where trying again is of no use; its `generation` leads to what is kept all the same
 */
export async function keepResults(env: Env, origin: string, job: string, generation: Generation): Promise<Generation> {
  const files = filesOf(generation);
  if (!env.RESULTS || !files.length) return generation;
  const object = env.RESULT.get(env.RESULT.idFromName(job));
  const result = await object.keep({ job, provider: generation.provider, generation: generation.id, files });
  const addresses = new Map(files.map(({ url }, number) => [url, result.keys[number]]));
  const kept = withAddresses(generation, (url) => {
    const key = addresses.get(url);
    return key === undefined ? url : `${origin}/${key}`;
  });
  if (!result.failure) return kept;
  const error = new NotKept(result.failure.message, result.failure.permanent);
  error.generation = kept;
  throw error;
}
