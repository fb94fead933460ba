// The gate of every caller: how often it may ask, and whether what it asks about is its own.

import type { ProviderId } from "luma-edge";
import type { Env, Settings } from "../env.js";
import { accountOf, type Own, perMinuteOf } from "../limits/account.js";
import { orTryAgain, Refusal } from "../refusal.js";
import type { Authorized } from "./authorized.js";

/** @throws {Refusal} */
export async function enter(
  env: Env,
  settings: Settings,
  { name, limits }: Required<Authorized>,
  provider?: ProviderId,
  own: Own[] = [],
): Promise<void> {
  const refusal = await orTryAgain(accountOf(env).enter(name, perMinuteOf(limits, settings.limits), provider, own));
  if (refusal) throw Refusal.of(refusal);
}
