// What a provider POSTed to a callback. It is loaded when there is one. What is thrown here is plain data, as the wasm throws
// it: the client makes its one class of error of it.

import { equal } from "./callbacks/secret.js";

/** The header field in which PiAPI gives the secret back (piapi.ai docs, unified webhook, 2024-08). */
const SECRET = "x-webhook-secret";

/** Documented in index.d.ts, as `Client.parseCallback`. */
export async function readPosted({ provider, run }, posted, { secret, trust, ...options } = {}) {
  if (provider === "agents") throw { code: "unsupported", message: "agents sends no callbacks: wait with poll, or look with get" };
  if (secret !== undefined && !(await equal(secret, field(posted?.headers, SECRET) ?? ""))) {
    throw { code: "authentication", message: `The callback is not believed: its ${SECRET} is not the secret that was given`, retryable: false, provider };
  }
  const told = await run("Callback", await bodyOf(posted));
  const own = provider === "useapi" ? reference(told.raw) : undefined;
  return { posted: told, generation: trust ? told : await run("Get", told.id, undefined, options), ...(own && { callback_ref: own }) };
}

/** What the caller gave as `callback_ref`: where a callback has it is not documented; the vendor's other services vary (2026-04-06). */
function reference({ replyRef, request, response }) {
  return [replyRef, request?.replyRef, response?.replyRef].find((own) => typeof own === "string" && own);
}

function field(headers, name) {
  if (typeof headers?.get === "function") return headers.get(name);
  const key = Object.keys(headers ?? {}).find((key) => key.toLowerCase() === name);
  return key && String(headers[key]);
}

/** JSON, in whatever form it came. */
async function bodyOf(posted) {
  try {
    let body = typeof posted.text === "function" ? await posted.text() : posted.body;
    if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) body = new TextDecoder().decode(body);
    return JSON.parse(typeof body === "string" ? body : JSON.stringify(body));
  } catch (cause) {
    throw { code: "protocol", message: `What was posted cannot be read as JSON: ${cause?.message ?? cause}`, retryable: false, cause };
  }
}
