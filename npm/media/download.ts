// Files of finished jobs. They lie with a storage that is not the provider: the key never goes there.

import { type ErrorData, messageOf } from "../common/error.js";
import { guard } from "../common/guard.js";
import { untilAborted } from "../common/until-aborted.js";
import type { Fetch } from "../fetch/fetch.js";
import type { FetchFailure } from "../fetch/fetch-failure.js";
import type { Generation } from "../generated/types.js";
import type { Client, GenerationOrId } from "../types/api.js";
import type { DownloadOptions } from "../types/options.js";
import { judge, withBody } from "./storage-answer.js";

type Reader = Pick<Client, "get" | "acknowledge">;

/** Gives the file of a job; a link that has expired is renewed by reading the job again. */
export function download(fetch: Fetch, client: Reader, target: GenerationOrId, options: DownloadOptions = {}): Promise<Response> {
  return untilAborted(options.signal, "downloading", () => fileOf(fetch, client, target, options));
}

async function fileOf(
  fetch: Fetch,
  client: Reader,
  target: GenerationOrId,
  { asset, signal, onProgress, acknowledge }: DownloadOptions,
): Promise<Response> {
  const options = signal ? { signal } : {};
  const id = typeof target === "string" ? target : target?.id;
  const given = (target as Partial<Generation> | undefined)?.assets ? (target as Generation) : undefined;
  let generation = given ?? (await client.get(id, options));
  let url = address(generation, asset);
  let answer = await judge(await request(fetch, url, signal), signal);
  let tried = "";
  // A link that was read just now is as new as any.
  if (answer.refusal?.expired && given && id) {
    const { description, status } = answer.refusal;
    generation = await client.get(id, options).catch((cause) => {
      if (signal?.aborted) throw cause;
      const message = `${refused(url, description)}, and the generation could not be read for a new link: ${messageOf(cause)}`;
      throw { code: "gone", message, status, cause, retryable: cause?.retryable === true, generation } satisfies ErrorData;
    });
    const renewed = address(generation, asset);
    tried = renewed === url ? "; the generation has no newer link" : ", also by a new link";
    if (renewed !== url) {
      url = renewed;
      answer = await judge(await request(fetch, url, signal), signal);
    }
  }
  if (answer.refusal) {
    const { status, page, expired, description } = answer.refusal;
    const failed = status >= 500 || status === 429;
    const what = page ? `with a web page, ${description}: check the network and any proxy` : description;
    throw {
      code: failed ? "server" : page || status < 300 ? "protocol" : expired ? "gone" : "server",
      message: refused(url, what) + tried,
      status,
      retryable: failed,
      provider: generation.provider,
      generation,
    } satisfies ErrorData;
  }
  // A ticket that cannot be deleted stays: the file is there all the same.
  const read = acknowledge ? () => client.acknowledge(generation).catch(() => {}) : undefined;
  return onProgress || read ? observed(answer.file, onProgress && guard(onProgress), read, signal) : answer.file;
}

function refused(url: string, what: string): string {
  return `The generation's file could not be fetched: its storage${hostOf(url)} answered ${what}`;
}

function hostOf(url: string): string {
  try {
    return ` at ${new URL(url).host}`;
  } catch {
    return "";
  }
}

function address(generation: Generation, asset: string | number | undefined): string {
  const { assets, outputs = [] } = generation;
  const numbered = typeof asset === "number";
  const named = (name: string) => (Object.hasOwn(assets, name) ? assets[name] : undefined); // "toString" is no file
  const url = numbered ? outputs[asset]?.url : asset === undefined ? (assets.video ?? assets.image) : named(asset);
  if (url) return url;
  const ended = ["completed", "failed"].includes(generation.state);
  const have = [...Object.keys(assets), ...outputs.keys()].join(", ");
  throw {
    code: "not_found",
    message: `The generation (${generation.state}) has no ${numbered ? `output ${asset}` : (asset ?? "file")}${ended ? "" : " yet: poll it first"}${have && `; it has: ${have}`}`,
    provider: generation.provider,
    retryable: false,
    generation,
  } satisfies ErrorData;
}

async function request(fetch: Fetch, url: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    const retryable = (cause as FetchFailure).sent !== "never";
    throw { code: "network", message: `The file could not be fetched: ${messageOf(cause)}`, cause, retryable } satisfies ErrorData;
  }
}

/** The same answer, reporting each piece that passes through, and the end before its reader sees it. */
function observed(
  response: Response,
  onProgress: DownloadOptions["onProgress"],
  read: (() => Promise<void>) | undefined,
  signal: AbortSignal | undefined,
): Response {
  const length = Number(response.headers.get("content-length"));
  const total = length > 0 ? { total: length } : {};
  let received = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onProgress?.({ received, ...total });
      controller.enqueue(chunk);
    },
    ...(read && { flush: read }),
  });
  return withBody(response, response.body?.pipeThrough(counter, signal ? { signal } : {}) ?? null);
}
