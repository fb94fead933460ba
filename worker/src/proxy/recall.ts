// The outcome of a creation, by its Idempotency-Key: for a caller whose answer was lost. Nothing is sent.

import { creationOf } from "../creation/key.js";
import { orTryAgain } from "../refusal.js";
import type { Call } from "./call.js";
import { noPath } from "./path.js";

export async function recall({ env, provider, caller, id }: Call): Promise<Response> {
  if (env.FORGETS) throw noPath();
  const key = id as string;
  const { state, answer } = await orTryAgain(creationOf(env, provider, caller.name, key).recall());
  return Response.json({ key, state, ...(answer !== undefined && { answer: JSON.parse(answer) }) });
}
