// Closed by default: a request is a caller's, by its token or by the deployer's own function, or it is refused.

import type { CallerRequest } from "../caller-request.js";
import type { Env } from "../env.js";
import { parseLimits } from "../limits/limits.js";
import { Refusal } from "../refusal.js";
import type { Authorized } from "./authorized.js";
import { callerOf, tokenOf } from "./token.js";

/** Identifies the caller of a request, for example by your own session; nothing for one that is refused. */
export type Authorize = (request: Request, env: Env) => Authorized | undefined | Promise<Authorized | undefined>;

/** The caller of a request. @throws {Refusal} where it has none */
export async function authorized({ request, env, settings, authorize }: Omit<CallerRequest, "line">): Promise<Required<Authorized>> {
  const token = tokenOf(request);
  const known = token && (await callerOf(token, settings.callers));
  if (known) return { name: known.name, limits: known.limits ?? settings.callerLimits };
  if (authorize) {
    const found = await ask(authorize, request, env);
    if (found) return { name: `${OTHERS}${found.name}`, limits: found.limits ?? settings.callerLimits };
  } else if (!settings.callers.length) {
    throw new Refusal(403, "not_configured", "This server has no callers yet, so it refuses everything: set the secret CALLERS.");
  }
  throw new Refusal(401, "unauthorized", "A token that this server knows is needed: authorization: Bearer <token>.");
}

/** Keeps those that `authorize` names apart from those of `CALLERS`. */
export const OTHERS = "user:";

async function ask(authorize: Authorize, request: Request, env: Env): Promise<Authorized | undefined> {
  // A copy, so the body can still be read after the function has read from it.
  const copy = request.clone() as Request;
  try {
    const found = await authorize(copy, env);
    if (!found) return undefined;
    if (typeof found.name !== "string" || !found.name || found.name.length > 200)
      throw new Error("authorize must give a name, of up to 200 characters");
    return found.limits === undefined ? found : { ...found, limits: parseLimits("authorize: limits", found.limits) };
  } catch (cause) {
    throw new Refusal(401, "unauthorized", "This request could not be authorized.", { cause });
  } finally {
    // What it does not read would be kept for it, as the rest reads the body: of several files, more than an isolate's memory.
    if (!copy.bodyUsed) copy.body?.cancel().catch(() => {});
  }
}
