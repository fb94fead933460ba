// A picture or a video for a request, handed over by a caller: it gets a public address of this server for a while, since providers take most
// of them by address alone.

import { waitUntil } from "cloudflare:workers";
import { authorized } from "../auth/authorize.js";
import type { Authorized } from "../auth/authorized.js";
import { enter } from "../auth/enter.js";
import { keyOf, newName } from "../bucket/names.js";
import { EXPIRES } from "../bucket/serve.js";
import { typeOf } from "../bucket/types.js";
import type { CallerRequest } from "../caller-request.js";
import { type Env, originFor, type Settings } from "../env.js";
import { accountOf } from "../limits/account.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { iso } from "../units.js";
import { Incoming } from "./incoming.js";

/** What providers take. */
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/quicktime", "video/webm"];

/** @throws {Refusal} */
export async function upload(incoming: CallerRequest): Promise<Response> {
  const { request, env, settings, line } = incoming;
  line.route = "/uploads";
  // Without the body, which would be kept in memory for a function that does not read it.
  const bodyless = new Request(request.url, { method: request.method, headers: request.headers });
  const caller = await authorized({ ...incoming, request: bodyless });
  line.caller = caller.name;
  if (request.method !== "POST") throw new Refusal(405, "method", "Only POST is allowed here.");
  const bucket = env.RESULTS;
  if (!bucket) throw new Refusal(403, "not_configured", "This server keeps no uploads: it has no bucket RESULTS.");
  await enter(env, settings, caller);
  const answer = answered(new Incoming(request, settings), request, env, bucket, settings, caller);
  // To the end, also where the caller goes away in the middle: what was counted is given back.
  waitUntil(answer.catch(() => {}));
  return answer;
}

async function answered(
  incoming: Incoming,
  request: Request,
  env: Env,
  bucket: R2Bucket,
  settings: Settings,
  caller: Required<Authorized>,
): Promise<Response> {
  try {
    const type = typeOf(await incoming.head());
    if (!type || !TYPES.includes(type))
      throw new Refusal(415, "media_type", `The file must be one of ${TYPES.join(", ")}. Its first bytes decide, not its name.`);
    const { size } = incoming;
    const { key, expires } = await kept(incoming, type, env, bucket, settings, caller);
    const answer = { url: `${originFor(settings, request)}/${key}`, expires_at: iso(expires), type, size };
    return Response.json(answer, { status: 201 });
  } finally {
    incoming.close();
  }
}

/** Counts it, notes when it is to be deleted, and only then lets it in. */
async function kept(
  incoming: Incoming,
  type: string,
  env: Env,
  bucket: R2Bucket,
  { limits, uploads }: Settings,
  caller: Required<Authorized>,
): Promise<{ key: string; expires: number }> {
  const { size } = incoming;
  const account = accountOf(env);
  const { day, refusal } = await orTryAgain(account.takeUpload(caller.name, size, caller.limits, limits));
  if (refusal) throw Refusal.of(refusal);
  const key = keyOf("uploads", newName(type));
  const expires = Date.now() + uploads.ms;
  try {
    await env.RESULT.get(env.RESULT.idFromName(key)).expire(key, type, expires);
    const metadata = { httpMetadata: { contentType: type }, customMetadata: { [EXPIRES]: String(expires) } };
    await incoming.into((body) => bucket.put(key, body, metadata));
    return { key, expires };
  } catch (cause) {
    await orTryAgain(account.giveBackUpload(caller.name, size, day), "The file was not kept.");
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(429, "try_again", "The file could not be kept. It can be sent again.", { retryAfter: 1, cause });
  }
}
