// Checks the options of `createClient` that the JavaScript side reads; the engine checks the others.

import type { ProblemCode, ProviderId } from "../generated/types.js";
import { LumaError } from "./error.js";
import type { ClientOptions } from "./options.js";
import { PROVIDERS } from "./provider.js";

/** What `createClient` takes. An option that is not known is refused: a budget that is not kept is worse than none. */
const OPTIONS: readonly (keyof ClientOptions)[] = [
  "provider",
  "apiKey",
  "baseUrl",
  "fetch",
  "timeout",
  "maxRetries",
  "limits",
  "budget",
  "store",
  "recovery",
  "validate",
  "unsupported",
  "schema",
  "legacyPath",
  "upload",
  "clock",
  "onEvent",
];

/** What a store does. */
const STORE = ["getAll", "put", "delete"] as const;

/** @throws `invalid_request` */
export function checkOptions(options: ClientOptions): void {
  for (const name of Object.keys(options)) {
    if (!(OPTIONS as readonly string[]).includes(name))
      throw invalid(name, "unsupported", `is not an option of createClient: ${OPTIONS.join(", ")}`);
  }
  const { provider, store } = options;
  if (provider !== undefined && !PROVIDERS.includes(provider as ProviderId)) {
    throw invalid("provider", "invalid_value", `must be one of ${PROVIDERS.join(", ")}`);
  }
  if (store && STORE.some((name) => typeof store[name] !== "function")) {
    throw invalid("store", "invalid_type", `must have the functions ${STORE.join(", ")}`);
  }
}

function invalid(path: string, code: ProblemCode, message: string): LumaError {
  return new LumaError({
    code: "invalid_request",
    message: `createClient: ${path}: ${message}`,
    problems: [{ path, code, message }],
    retryable: false,
  });
}
