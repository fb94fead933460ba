// Which provider a client asks.

import { KEY_FORMS } from "../generated/names.js";
import type { ProviderId } from "../generated/types.js";

/** The one that was named, else by the form of the key. Dream Machine's keys have none, so it is what remains. */
export function providerOf({ provider, apiKey }: { provider?: ProviderId | undefined; apiKey?: string | undefined }): ProviderId {
  const known = KEY_FORMS.find(([form]) => typeof apiKey === "string" && apiKey.startsWith(form));
  return provider ?? known?.[1] ?? "dream-machine";
}
