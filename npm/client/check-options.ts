// Checks the options of `createClient` that the JavaScript side reads; the engine checks the others.

import type { ProblemCode, ProviderId } from "../generated/types.js";
import { type ErrorData, LumaError, messageOf } from "./error.js";
import { invalidRequest } from "./invalid-request.js";
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
      throw new LumaError(invalid(name, "unsupported", `is not an option of createClient: ${OPTIONS.join(", ")}`));
  }
  const { provider, store } = options;
  if (provider !== undefined && !PROVIDERS.includes(provider as ProviderId)) {
    throw new LumaError(invalid("provider", "invalid_value", `must be one of ${PROVIDERS.join(", ")}`));
  }
  if (store && STORE.some((name) => typeof store[name] !== "function")) {
    throw new LumaError(invalid("store", "invalid_type", `must have the functions ${STORE.join(", ")}`));
  }
}

/**
 * A copy of an option that the engine reads: plain data, so that no getter of the caller's runs in the wasm, where what it throws would
 * end every call. Not as JSON: that has no `Infinity`, and a number that is none would count as not given.
 * @throws `invalid_request`
 */
export function plainOption<T>(name: string, value: T): T {
  try {
    return copyOf(value) as T;
  } catch (cause) {
    throw new LumaError({ ...invalid(name, "invalid_type", `must be plain data: ${messageOf(cause)}`), cause });
  }
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copyOf(field)]));
}

const invalid = (path: string, code: ProblemCode, message: string): ErrorData => invalidRequest([{ path, code, message }], "createClient");
