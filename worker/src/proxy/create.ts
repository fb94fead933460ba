// A creation: read, checked and priced here, made by an object of its own.

import { creationOf, hashOf, idempotencyKeyOf } from "../creation/key.js";
import { type Order, type Outcome, unknownOutcome } from "../creation/order.js";
import { accountOf, asked } from "../limits/account.js";
import { reason } from "../log.js";
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
  const order: Order = {
    caller: caller.name,
    provider,
    request,
    hash: await hashOf([request, schema, id]),
    keyed: key !== undefined,
    limits: caller.limits,
    total: settings.limits,
    requestId: line.request_id,
    ...(schema && { schema }),
    ...(id !== undefined && { parent: id }),
    ...(usd !== undefined && { usd }),
    ...(await looksOf(provider, request)),
  };
  const outcome = await creationOf(env, provider, caller.name, key)
    .create(order)
    .catch((error): Outcome => {
      line.error = reason(error);
      return unknownOutcome(
        "This server lost sight of the creation, which may have been made: send it again with the same Idempotency-Key.",
      );
    });
  if (outcome.generation) line.generation = outcome.generation;
  if (outcome.code) line.code = outcome.code;
  if (outcome.upstreamRequestId) line.upstream_request_id = outcome.upstreamRequestId;
  return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
}

/** As the library compares texts: a provider may keep one in another form. */
const normalized = (text: unknown): unknown => (typeof text === "string" ? text.normalize("NFKC").replace(/\s+/g, " ").trim() : text);

/**
 * By what a lost creation is found in a list, at the least: a request with fewer fields fits the job of one with more. useapi's list
 * does not show the prompt, and Agents has no list.
 */
async function looksOf(
  provider: Call["provider"],
  { generation_type: kind, prompt }: Record<string, unknown>,
): Promise<{ looks?: string }> {
  return provider === "agents" ? {} : { looks: await hashOf(provider === "useapi" ? [kind] : [kind, normalized(prompt)]) };
}
