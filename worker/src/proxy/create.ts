// A creation: read, checked and priced here, made by an object of its own.

import { creationOf, hashOf, idempotencyKeyOf } from "../creation/key.js";
import { accountOf, asked } from "../limits/account.js";
import { Refusal } from "../refusal.js";
import { checked } from "../requests/check.js";
import { requestOf } from "../requests/index.js";
import { referencesOf } from "../requests/references.js";
import { jsonOf } from "./body.js";
import type { Call } from "./call.js";

export async function create({ request: incoming, env, settings, caller, provider, operation, id, line }: Call): Promise<Response> {
  const key = idempotencyKeyOf(incoming);
  const requested = requestOf(provider, operation.path, await jsonOf(incoming, settings.bodyMs));
  const { request, schema } = requested;
  const { usd } = await checked(provider, requested, caller.limits);
  const own = referencesOf(request);
  if (own.length) {
    const refusal = await asked(accountOf(env).enter(caller.name, {}, provider, own));
    if (refusal) throw Refusal.of(refusal);
  }
  const outcome = await asked(
    creationOf(env, provider, caller.name, key).create({
      caller: caller.name,
      provider,
      request,
      hash: await hashOf([request, schema, id]),
      keyed: key !== undefined,
      limits: caller.limits,
      total: settings.limits,
      ...(schema && { schema }),
      ...(id !== undefined && { parent: id }),
      ...(usd !== undefined && { usd }),
      ...(await looksOf(provider, request)),
    }),
  );
  if (outcome.generation) line.generation = outcome.generation;
  if (outcome.code) line.code = outcome.code;
  if (outcome.upstreamRequestId) line.upstream_request_id = outcome.upstreamRequestId;
  return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
}

/** Dream Machine's list shows all that was asked for, those of the resellers little more than the prompt, and Agents has none. */
async function looksOf(provider: Call["provider"], request: Record<string, unknown>): Promise<{ looks?: string }> {
  if (provider === "agents") return {};
  return { looks: await hashOf(provider === "dream-machine" ? request : request.prompt) };
}
