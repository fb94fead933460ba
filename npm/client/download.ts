// Files of finished jobs. They lie with a storage that is not the provider: the key never goes there.

import type { Generation } from "../generated/types.js";
import type { GenerationOrId } from "./api.js";
import { LumaError, messageOf } from "./error.js";
import { FetchFailure } from "./fetch-failure.js";
import type { CallOptions, DownloadOptions } from "./options.js";

/** What a storage answers for a link that has expired. */
const EXPIRED = [401, 403, 404, 410];

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;
type Get = (id: string, options: CallOptions) => Promise<Generation>;

/** Gives the file of a job; a link that has expired is renewed by reading the job again with `get`. */
export async function download(
  fetch: Fetch,
  get: Get,
  target: GenerationOrId,
  { asset, signal, onProgress }: DownloadOptions = {},
): Promise<Response> {
  const options = signal ? { signal } : {};
  const id = typeof target === "string" ? target : target?.id;
  let generation = (target as Partial<Generation> | undefined)?.assets ? (target as Generation) : await get(id, options);
  let response = await request(fetch, address(generation, asset), signal);
  if (EXPIRED.includes(response.status) && id) {
    await response.body?.cancel();
    generation = await get(id, options);
    response = await request(fetch, address(generation, asset), signal);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new LumaError({
      code: EXPIRED.includes(response.status) ? "gone" : "server",
      message: `The generation's file could not be fetched: its storage answered ${response.status}`,
      status: response.status,
      retryable: response.status >= 500,
      provider: generation.provider,
      generation,
    });
  }
  return onProgress ? counted(response, onProgress) : response;
}

function address(generation: Generation, asset: string | number | undefined): string {
  const { assets, outputs = [] } = generation;
  const numbered = typeof asset === "number";
  const named = (name: string) => (Object.hasOwn(assets, name) ? assets[name] : undefined); // "toString" is no file
  const url = numbered ? outputs[asset]?.url : asset === undefined ? (assets.video ?? assets.image) : named(asset);
  if (url) return url;
  const have = [...Object.keys(assets), ...outputs.keys()].join(", ");
  throw new LumaError({
    code: "not_found",
    message: `The generation (${generation.state}) has no ${numbered ? `output ${asset}` : (asset ?? "file")}${have && `; it has: ${have}`}`,
    provider: generation.provider,
    retryable: false,
    generation,
  });
}

async function request(fetch: Fetch, url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted)
      throw new LumaError({ code: "aborted", message: "Aborted while downloading", cause: signal.reason, retryable: false });
    const retryable = !(cause instanceof FetchFailure && cause.sent === "never");
    throw new LumaError({ code: "network", message: `The file could not be fetched: ${messageOf(cause)}`, cause, retryable });
  }
}

/** The same answer, telling of each piece that passes through. */
function counted(response: Response, onProgress: NonNullable<DownloadOptions["onProgress"]>): Response {
  const length = Number(response.headers.get("content-length"));
  const total = length > 0 ? { total: length } : {};
  let received = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onProgress({ received, ...total });
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body?.pipeThrough(counter) ?? null, { status, statusText, headers });
}
