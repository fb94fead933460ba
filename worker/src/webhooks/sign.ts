// Standard Webhooks (https://www.standardwebhooks.com, read 2026-11-27): a receiver can verify that this server sent it, and when.

import { base64 } from "../bytes.js";
import { derived, hmac } from "../signing.js";

/** What a caller verifies its webhooks with, as libraries for Standard Webhooks take it. */
export const webhookSecret = async (secret: string, caller: string): Promise<string> => `whsec_${base64(await keyOf(secret, caller))}`;

/** The header fields of a webhook that goes out now: with a signature by each secret, so that one can be replaced. */
export async function signedHeaders(
  secrets: readonly string[],
  { id, caller, body }: { id: string; caller: string; body: string },
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signatures = secrets.map(async (secret) => `v1,${base64(await hmac(await keyOf(secret, caller), `${id}.${timestamp}.${body}`))}`);
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": (await Promise.all(signatures)).join(" ") };
}

const keyOf = (secret: string, caller: string) => derived(secret, `webhook:${caller}`);
