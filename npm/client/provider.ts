// Which provider a client asks.

import { KEY_FORMS } from "../generated/names.js";
import type { ProviderId } from "../generated/types.js";

/** The one that was named, else by the form of the key: Dream Machine's have none. Without a key, some server in front of Agents has it. */
export function providerOf({ provider, apiKey }: { provider?: ProviderId | undefined; apiKey?: string | undefined }): ProviderId {
  if (provider) return provider;
  if (typeof apiKey !== "string") return "agents";
  return KEY_FORMS.find(([form]) => apiKey.startsWith(form))?.[1] ?? "dream-machine";
}
