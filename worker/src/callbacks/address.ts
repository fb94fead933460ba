// Where a provider calls back about a job: an address that only this server can have given out, good for one job at one provider.

import type { ProviderId } from "luma-edge";
import { callbackUrl } from "luma-edge/callbacks";
import { base64 } from "../bytes.js";
import { type Env, settingsOf } from "../env.js";
import { whyPrivate } from "../requests/addresses.js";
import { derived } from "../signing.js";

/**
 * The address of a job's callbacks. Undefined where there can be none: from agents, without SIGNING_SECRET, or where no provider would
 * reach this server by https.
 * @param origin of the request that handed the job over; PUBLIC_URL comes before it
 */
export async function addressOf(env: Env, origin: string, provider: ProviderId, jobId: string): Promise<string | undefined> {
  const { signingSecrets, publicUrl } = settingsOf(env);
  const [secret] = signingSecrets;
  const base = publicUrl ?? (origin.startsWith("https://") ? origin : undefined);
  if (provider === "agents" || secret === undefined || base === undefined || whyPrivate(base)) return undefined;
  return callbackUrl(`${base}/callbacks/${provider}`, await callbackSecret(secret, provider), jobId);
}

export const callbackSecret = async (secret: string, provider: ProviderId): Promise<string> =>
  base64(await derived(secret, `callback:${provider}`));
