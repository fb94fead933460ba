// Which provider a client asks.

import type { ProviderId } from "../generated/types.js";

export const PROVIDERS: readonly ProviderId[] = ["agents", "dream-machine", "useapi", "piapi"];

/** How a key begins tells the provider, as in src/provider. */
const KEYS: Record<string, ProviderId> = { "luma-api-": "agents", "user:": "useapi" };

/** The one that was named, else by the form of the key. Dream Machine's keys have none, so it is what remains. */
export function providerOf({ provider, apiKey }: { provider?: ProviderId; apiKey?: string }): ProviderId {
  const form = Object.keys(KEYS).find((form) => typeof apiKey === "string" && apiKey.startsWith(form));
  return provider ?? KEYS[form ?? ""] ?? "dream-machine";
}
