// Whether a provider refused the server's key. 401 and 403 do not prove it: some answer so where the credits are used up, too. What such an
// answer says is for the library to judge.

import { createClient, LumaError, type ProviderId } from "luma-edge";
import { Refusal } from "../refusal.js";

/** What a caller sees, which need not know about keys. */
export function keyRefusal(error: unknown): Refusal | undefined {
  const isKey = error instanceof LumaError && error.code === "authentication";
  return isKey ? new Refusal(403, "not_configured", "The provider refused this server's key.") : undefined;
}

/** The error that an answer means. Nothing is sent. */
export function errorOf(provider: ProviderId, answer: Response): Promise<unknown> {
  const client = createClient({ provider, apiKey: "any", baseUrl: "https://luma-edge.invalid", fetch: async () => answer, maxRetries: 0 });
  return client.get("any").catch((error) => error);
}
