// GET /webhook-secret: what a caller verifies its webhooks with, shown to that caller alone.

import { authorized } from "../auth/authorize.js";
import { enter } from "../auth/enter.js";
import type { CallerRequest } from "../caller-request.js";
import { Refusal } from "../refusal.js";
import { webhookSecret } from "./sign.js";

/** @throws {Refusal} */
export async function showSecret(incoming: CallerRequest): Promise<Response> {
  const { request, env, settings, line } = incoming;
  line.route = "/webhook-secret";
  const caller = await authorized(incoming);
  line.caller = caller.name;
  await enter(env, settings, caller);
  if (request.method !== "GET") throw new Refusal(405, "method", "Only GET is allowed here.");
  const [newest] = settings.signingSecrets;
  if (newest === undefined) throw new Refusal(403, "not_configured", "This server sends no webhooks: it has no SIGNING_SECRET.");
  return Response.json({ secret: await webhookSecret(newest, caller.name) });
}
