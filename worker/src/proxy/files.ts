// Files that Luma's Agents API keeps: handed over by a caller, and that caller's alone.

import { accountOf } from "../limits/account.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { MEGABYTE } from "../units.js";
import { jsonOf } from "./body.js";
import type { Call } from "./call.js";
import { ask, passed, type Sent } from "./forward.js";

/** Of a file in a form. What is larger gets an address to be put to. */
const LARGEST_FORM = 32_000_000;

/** What is asked for a place with (SDK 0.5.0, 2026-08-04). */
const DETAILS = ["mime_type", "size_bytes", "filename", "purpose", "expires_at", "user_id"];

const UPLOADED = "The file was handed over, and cannot be named by a request: hand it over again.";

export async function upload(call: Call): Promise<Response> {
  const response = await ask(call, await sent(call));
  if (!response.ok) return passed(call, response);
  const answer = (await response
    .clone()
    .json()
    .catch(() => undefined)) as { id?: unknown; file?: { id?: unknown } } | undefined;
  const id = answer?.id ?? answer?.file?.id;
  if (typeof id === "string") await orTryAgain(accountOf(call.env).claim(call.provider, "file", id, call.caller.name), UPLOADED);
  return passed(call, response);
}

async function sent({ request, settings }: Call): Promise<Sent> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data; *boundary=[\w'()+,./:=?"-]{1,80}$/i.test(contentType)) {
    const body = await jsonOf(request, settings.bodyMs);
    const unknown = Object.keys(body).find((name) => !DETAILS.includes(name));
    if (unknown !== undefined) throw new Refusal(422, "invalid_request", `${unknown}: is not a field that this server knows`);
    return { body: JSON.stringify(body), contentType: "application/json" };
  }
  const size = Number(request.headers.get("content-length") ?? NaN);
  if (!(size >= 0)) throw new Refusal(411, "bad_request", "A file needs a content-length.");
  if (size > LARGEST_FORM) throw new Refusal(413, "too_large", `The file is too large: ${LARGEST_FORM} bytes are the most.`);
  return { body: request.body as ReadableStream, contentType, within: settings.bodyMs * Math.max(1, Math.ceil(size / MEGABYTE)) };
}
