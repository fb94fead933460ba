// Makes of the core's reply what `fetch` gives.

import type { Hold } from "../common/clock.js";
import type { Reply } from "./wasm.js";

/** How a body is read whole. In a page that takes real time. */
const READS = ["arrayBuffer", "blob", "formData", "json", "text"] as const;

/** Statuses that a Response may not have a body with. */
const BODILESS = [101, 103, 204, 205, 304];

/** The Response, or the error that `fetch` rejects with when there is none. `hold` keeps time where it is while the body is read. */
export function answer({ outcome, status = 200, headers = [], body = new Uint8Array() }: Reply, request: Request, hold: Hold): Response {
  // The codes are Node's: they show a client whether its request may have arrived.
  if (outcome === "refused") throw failed("fetch failed", "connect ECONNREFUSED", "ECONNREFUSED");
  if (outcome === "cut") throw failed("fetch failed", "other side closed", "UND_ERR_SOCKET");
  const bodiless = BODILESS.includes(status) || request.method === "HEAD";
  const content = bodiless ? null : outcome === "truncated" ? half(body) : body;
  const response = new Response(content, { status, headers });
  Object.defineProperty(response, "url", { value: request.url });
  for (const read of READS) Object.defineProperty(response, read, { value: () => hold<unknown>(Response.prototype[read].call(response)) });
  return response;
}

/** Half of the bytes, then the end of the connection. */
function half(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(failed("terminated", "other side closed", "UND_ERR_SOCKET"));
      sent = true;
      controller.enqueue(bytes.slice(0, Math.ceil(bytes.length / 2)));
    },
  });
}

function failed(message: string, why: string, code: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(why), { code }) });
}
