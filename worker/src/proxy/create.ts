// A creation: read, checked and priced here, made by an object of its own.

import { creationOf, idempotencyKeyOf } from "../creation/key.js";
import { type CreationRequest, type Outcome, unknownOutcome } from "../creation/messages.js";
import { wantedOf } from "../creation/wanted.js";
import { originFor } from "../env.js";
import { accountOf } from "../limits/account.js";
import { reason } from "../log.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { requestOf } from "../requests/index.js";
import { ownOf, referencesOf } from "../requests/references.js";
import { jsonOf } from "./body.js";
import type { Call } from "./call.js";

export async function create({ request: incoming, env, settings, caller, provider, operation, id, line }: Call): Promise<Response> {
  const key = idempotencyKeyOf(incoming);
  const requested = requestOf(provider, operation.path, await jsonOf(incoming, settings.bodyMs));
  const wanted = await wantedOf(provider, requested, caller.limits, originFor(settings, incoming), id);
  const own = ownOf(referencesOf(wanted.request));
  if (own.length) {
    const refusal = await orTryAgain(accountOf(env).enter(caller.name, {}, provider, own));
    if (refusal) throw Refusal.of(refusal);
  }
  const creation: CreationRequest = {
    ...wanted,
    caller: caller.name,
    keyed: key !== undefined,
    limits: caller.limits,
    total: settings.limits,
    requestId: line.request_id,
  };
  const outcome = await creationOf(env, provider, caller.name, key)
    .create(creation)
    .catch((error): Outcome => {
      line.error = reason(error);
      const next =
        key === undefined
          ? "It had no Idempotency-Key: look for it at the provider before you send it again."
          : "Send it again with the same Idempotency-Key.";
      return unknownOutcome(`This server lost sight of the creation, which may have been made. ${next}`);
    });
  if (outcome.generation) line.generation = outcome.generation;
  if (outcome.code) line.code = outcome.code;
  if (outcome.upstreamRequestId) line.upstream_request_id = outcome.upstreamRequestId;
  return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
}
