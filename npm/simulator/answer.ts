// What the simulator's core tells, as what `fetch` gives.

/** Statuses that a Response may not have a body with. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * The Response, or the error that `fetch` rejects with when there is none.
 * @param {{ outcome: string, status?: number, headers?: [string, string][], body?: Uint8Array }} reply
 * @param {Request} request
 */
export function answer({ outcome, status, headers, body }, request) {
  // The codes are Node's: they tell a client whether its request may have arrived.
  if (outcome === "refused") throw failed("fetch failed", "connect ECONNREFUSED", "ECONNREFUSED");
  if (outcome === "cut") throw failed("fetch failed", "other side closed", "UND_ERR_SOCKET");
  const bodiless = BODILESS.has(status) || request.method === "HEAD";
  const content = bodiless ? null : outcome === "truncated" ? half(body) : body;
  const response = new Response(content, { status, headers });
  Object.defineProperty(response, "url", { value: request.url });
  return response;
}

/** Half of the bytes, then the end of the connection. */
function half(bytes) {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(failed("terminated", "other side closed", "UND_ERR_SOCKET"));
      sent = true;
      controller.enqueue(bytes.slice(0, Math.ceil(bytes.length / 2)));
    },
  });
}

function failed(message, why, code) {
  return new TypeError(message, { cause: Object.assign(new Error(why), { code }) });
}
