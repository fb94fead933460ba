// Files of finished jobs. They lie with a storage that is not the provider: the key never goes there.

import { LumaError } from "./error.js";

/** What a storage answers for a link that has expired. */
const EXPIRED = [401, 403, 404, 410];

/** Documented in index.d.ts, as `Client.download`. */
export async function download(fetch, client, target, { asset, signal, onProgress } = {}) {
  const id = typeof target === "string" ? target : target?.id;
  let generation = target?.assets ? target : await client.get(id, { signal });
  let url = address(generation, asset);
  let response = await request(fetch, url, signal);
  if (EXPIRED.includes(response.status) && id) {
    await response.body?.cancel();
    generation = await client.get(id, { signal });
    url = address(generation, asset);
    response = await request(fetch, url, signal);
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

function address(generation, asset) {
  const { assets, outputs = [] } = generation;
  const numbered = typeof asset === "number";
  const url = numbered ? outputs[asset]?.url : asset === undefined ? (assets.video ?? assets.image) : assets[asset];
  if (url) return url;
  const have = [...Object.keys(assets), ...outputs.keys()].join(", ");
  throw new LumaError({
    code: "not_found",
    message: `The generation (${generation.state}) has no ${numbered ? `output ${asset}` : (asset ?? "file")}` + (have && `; it has: ${have}`),
    provider: generation.provider,
    retryable: false,
    generation,
  });
}

async function request(fetch, url, signal) {
  try {
    return await fetch(url, { signal });
  } catch (cause) {
    if (signal?.aborted) throw new LumaError({ code: "aborted", message: "Aborted while downloading", cause: signal.reason, retryable: false });
    throw new LumaError({ code: "network", message: `The file could not be fetched: ${cause?.message ?? cause}`, cause, retryable: true });
  }
}

/** The same answer, telling of each piece that passes through. */
function counted(response, onProgress) {
  const length = Number(response.headers.get("content-length"));
  const total = length > 0 ? length : undefined;
  let received = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onProgress({ received, total });
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
}
