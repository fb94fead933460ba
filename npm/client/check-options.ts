// Checks what callers give as options, before anything is done; the engine checks the values of those that it reads.

import { type ErrorData, LumaError, messageOf } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { PROVIDERS, SETTINGS } from "../generated/names.js";
import type { ProblemCode } from "../generated/types.js";
import type { CallbackOptions } from "../types/callbacks.js";
import type * as Options from "../types/options.js";
import { wrongBaseUrl } from "./base-url.js";

/** What `createClient` takes. An option that is not known is refused: a budget that is not kept is worse than none. */
const CLIENT = [...SETTINGS, "fetch", "store", "upload", "clock", "onEvent"] as const satisfies readonly (keyof Options.ClientOptions)[];

const CALL = ["signal"] as const;
const WAIT = [...CALL, "timeout", "onUpdate", "progressInterval"] as const;
const CREATE = [...CALL, "onUpdate", "price", "label", "keep"] as const;
const FILES = [...CALL, "cursor", "limit", "purpose", "state"] as const;

/** What each call takes; one that is not here takes a signal alone. */
const CALLS = {
  generate: [...WAIT, "price", "label", "keep"],
  generateAll: [...WAIT, "price", "label", "keep", "budget"],
  create: CREATE,
  upscale: CREATE,
  addAudio: CREATE,
  poll: WAIT,
  resume: WAIT,
  watch: [...CALL, "timeout", "progressInterval"],
  list: [...CALL, "limit", "offset"],
  listAll: [...CALL, "limit"],
  "files.list": FILES,
  "files.listAll": FILES,
  upload: [...CALL, "onProgress", "account", "filename", "purpose", "expiresAt", "userId"],
  download: [...CALL, "asset", "onProgress", "acknowledge"],
  parseCallback: [...CALL, "secret", "trust"],
} as const;

type Missing<T, Names extends readonly string[]> = Exclude<keyof T, Names[number]>;
type None<T extends never> = T;
/** Does not compile while an option of the types is missing above. */
export type Complete = None<
  | Missing<Options.ClientOptions, typeof CLIENT>
  | Missing<Options.GenerateOptions, (typeof CALLS)["generate"]>
  | Missing<Options.BatchOptions, (typeof CALLS)["generateAll"]>
  | Missing<Options.CreateOptions, (typeof CALLS)["create"]>
  | Missing<Options.WaitOptions, (typeof CALLS)["poll"]>
  | Missing<Options.ResumeOptions, (typeof CALLS)["resume"]>
  | Missing<Options.ListOptions, (typeof CALLS)["list"]>
  | Missing<Options.ListFilesOptions, (typeof CALLS)["files.list"]>
  | Missing<Options.UploadOptions, (typeof CALLS)["upload"]>
  | Missing<Options.DownloadOptions, (typeof CALLS)["download"]>
  | Missing<CallbackOptions, (typeof CALLS)["parseCallback"]>
>;

type Must = [fits: (value: unknown) => boolean, what: string];

const has = (value: unknown, type: string, ...names: string[]): boolean =>
  names.every((name) => typeof (value as Record<string, unknown>)[name] === type);

const FUNCTION: Must = [(value) => typeof value === "function", "a function"];

const BOOLEAN: Must = [(value) => typeof value === "boolean", "true or false"];

/** What options must be that the engine does not check; one that is null or undefined is not given. */
const MUST_BE: Partial<Record<string, Must>> = {
  signal: [(value) => has(value, "function", "addEventListener") && "aborted" in (value as object), "an AbortSignal"],
  fetch: FUNCTION,
  upload: FUNCTION,
  onEvent: FUNCTION,
  onUpdate: FUNCTION,
  onProgress: FUNCTION,
  store: [(value) => has(value, "function", "getAll", "put", "delete"), "an object with the functions getAll, put, delete"],
  clock: [(value) => has(value, "function", "now", "sleep"), "an object with the functions now, sleep"],
  asset: [(value) => typeof value === "string" || typeof value === "number", "the name of an asset, or the number of an output"],
  "generateAll.label": FUNCTION,
  progressInterval: [(value) => typeof value === "number" && value > 0, "a number of ms"],
  trust: BOOLEAN,
  keep: BOOLEAN,
  acknowledge: BOOLEAN,
};

/** The options of `createClient`, once they are known to be some. @throws `invalid_request` */
export function checkOptions(given: Options.ClientOptions | null | undefined): Options.ClientOptions {
  const options = optionsOf(given, "createClient", CLIENT);
  const { provider, baseUrl, fetch } = options;
  if (provider !== undefined && !PROVIDERS.includes(provider))
    throw refused("createClient", "provider", "invalid_value", `must be one of ${PROVIDERS.join(", ")}`);
  const wrong = baseUrl === undefined ? undefined : wrongBaseUrl(baseUrl, !fetch);
  if (wrong) throw refused("createClient", "baseUrl", "invalid_value", wrong);
  return options;
}

/** The options of a call, once they are known to be some. @throws `invalid_request` */
export function checkCall<T extends object>(call: string, given: T | null | undefined): T {
  const options = optionsOf(given, call, (CALLS as Partial<Record<string, readonly string[]>>)[call] ?? ["signal"]);
  // A secret that is not there must not pass for none that is asked for.
  if ("secret" in options && (typeof options.secret !== "string" || !options.secret))
    throw refused(call, "secret", "invalid_type", "must be the secret, as text");
  return options;
}

/** Options, once they are known to be some of these. @throws `invalid_request` */
export function optionsOf<T extends object>(given: T | null | undefined, what: string, names: readonly string[]): T {
  const options = given ?? ({} as T);
  if (typeof options !== "object") throw refused(what, "options", "invalid_type", "must be an object");
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) throw refused(what, name, "unsupported", `is not an option of ${what}: ${names.join(", ")}`);
    const [fits, must] = MUST_BE[`${what}.${name}`] ?? MUST_BE[name] ?? [];
    if (fits && value !== undefined && value !== null && !fits(value)) throw refused(what, name, "invalid_type", `must be ${must}`);
  }
  return options;
}

/**
 * A copy of an option that the engine reads: plain data, so that no getter of the caller's runs in the wasm, where what it throws would
 * end every call. Not as JSON: that has no `Infinity`, and `NaN` would count as not given.
 * @throws `invalid_request`
 */
export function plainOption<T>(name: string, value: T): T {
  try {
    return copyOf(value) as T;
  } catch (cause) {
    throw new LumaError({ ...invalid("createClient", name, "invalid_type", `must be plain data: ${messageOf(cause)}`), cause });
  }
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copyOf(field)]));
}

const invalid = (what: string, path: string, code: ProblemCode, message: string): ErrorData =>
  invalidRequest([{ path, code, message }], what);

const refused = (...given: Parameters<typeof invalid>): LumaError => new LumaError(invalid(...given));
