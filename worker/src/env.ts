// What a deployment is given: bindings, variables and secrets. Read anew for each request, and checked: a setting that cannot be read
// closes the Worker, since a limit that is misspelt would be no limit.

import type { ProviderId } from "luma-edge";
import { type Caller, parseCallers, SHA256 } from "./auth/callers.js";
import type { Creation } from "./creation/creation.js";
import type { Queue } from "./jobs/queue.js";
import type { Account } from "./limits/account.js";
import { type Limits, parseLimits } from "./limits/limits.js";
import { Refusal } from "./refusal.js";
import type { Result } from "./results/result.js";
import { formsOf } from "./secret-forms.js";
import { parseSecrets } from "./signing.js";
import { DAY, HOUR, MEGABYTE, SECOND } from "./units.js";

/** The bindings, variables and secrets of a Worker. */
export interface Env {
  /** Limits, budgets and ownership: one object for all. */
  ACCOUNT: DurableObjectNamespace<Account>;
  /** One object for each creation, which sends it once. */
  CREATION: DurableObjectNamespace<Creation>;
  /** Its records end with the process: what it does not know may have been made all the same. */
  FORGETS?: boolean;
  /** The jobs: one object for all. */
  QUEUE: DurableObjectNamespace<Queue>;
  /** One object for the files of each job, and for each upload. */
  RESULT: DurableObjectNamespace<Result>;
  /** Where files are kept. Without it the providers' own links stay, and nothing can be handed over to `/uploads`. */
  RESULTS?: R2Bucket;
  /** The key of Dream Machine. */
  LUMA_API_KEY?: string;
  /** The key of Luma's Agents API. */
  LUMA_AGENTS_API_KEY?: string;
  /** The token of useapi.net. */
  USEAPI_TOKEN?: string;
  /** The key of PiAPI. */
  PIAPI_KEY?: string;
  /** JSON, as text or as a value: {@link Caller}s. */
  CALLERS?: unknown;
  /** The SHA-256 of the token that `/admin` wants, in hexadecimal. */
  ADMIN_SHA256?: string;
  /** The provider of a request that names none: `agents`, unless it is set. */
  DEFAULT_PROVIDER?: string;
  /** JSON, as text or as a value: the origins of the pages that may call, such as `["https://example.com"]`. */
  ORIGINS?: unknown;
  /** JSON, as text or as a value: the {@link Limits} of all callers together. */
  LIMITS?: unknown;
  /** JSON, as text or as a value: the {@link Limits} of a caller that has none of its own. */
  CALLER_LIMITS?: unknown;
  /** The base URL of each provider whose own is not meant: a simulator's. */
  UPSTREAMS?: unknown;
  /** Signs webhooks and the addresses of callbacks: 32 random bytes in base64; two while it is replaced, the newest first. */
  SIGNING_SECRET?: string;
  /** Origins that webhooks may go to even on a private network or without https. */
  WEBHOOK_ORIGINS?: unknown;
  /** What webhooks and copies of results go through: a network of public addresses alone. At Cloudflare `fetch` is one. */
  PUBLIC_NETWORK?: Fetcher;
  /** How long the body of a request may take to arrive, in s. */
  BODY_SECONDS?: unknown;
  /** The origin at which providers reach this server, by default that of the request. */
  PUBLIC_URL?: string;
  /** For how many days results are kept, by default for ever. */
  RESULT_DAYS?: unknown;
  /** The largest result, in MB. */
  RESULT_MEGABYTES?: unknown;
  /** For how many hours an upload is kept. */
  UPLOAD_HOURS?: unknown;
  /** The largest upload, in MB. */
  UPLOAD_MEGABYTES?: unknown;
}

/** What {@link Env} says, checked. */
export interface Settings {
  callers: Caller[];
  adminSha256?: string;
  defaultProvider: ProviderId;
  origins: string[];
  /** Of all callers together. */
  limits: Limits;
  /** Of a caller that has none of its own. */
  callerLimits: Limits;
  /** The newest first; none where nothing is signed. */
  signingSecrets: string[];
  webhookOrigins: string[];
  bodyMs: number;
  publicUrl?: string;
  /** How long results are kept, and how many bytes one may have. */
  results: { ms?: number; largest: number };
  uploads: { ms: number; largest: number };
}

/** Each provider and where it lives, as in src/provider. */
const BASES: Record<ProviderId, string> = {
  agents: "https://agents.lumalabs.ai/v1",
  "dream-machine": "https://api.lumalabs.ai/dream-machine/v1",
  useapi: "https://api.useapi.net/v1/luma",
  piapi: "https://api.piapi.ai",
};

/** Each provider and its secret. */
const KEYS = {
  agents: "LUMA_AGENTS_API_KEY",
  "dream-machine": "LUMA_API_KEY",
  useapi: "USEAPI_TOKEN",
  piapi: "PIAPI_KEY",
} as const satisfies Record<ProviderId, keyof Env>;

export const PROVIDERS = Object.keys(KEYS) as readonly ProviderId[];

export const isProvider = (name: string | undefined): name is ProviderId => name !== undefined && Object.hasOwn(KEYS, name);

/** @throws {Refusal} */
export function settingsOf(env: Env): Settings {
  try {
    const defaultProvider = env.DEFAULT_PROVIDER || "agents";
    if (!isProvider(defaultProvider)) throw new Error(`DEFAULT_PROVIDER: there is no provider "${defaultProvider}"`);
    const { ADMIN_SHA256: adminSha256 } = env;
    upstreamsOf(env); // read when a provider is reached
    if (adminSha256 && !SHA256.test(adminSha256)) throw new Error("ADMIN_SHA256 must be 64 hexadecimal digits, in lower case");
    return {
      ...(adminSha256 && { adminSha256 }),
      callers: parseCallers(json("CALLERS", env.CALLERS) ?? []),
      defaultProvider,
      origins: parseOrigins("ORIGINS", env.ORIGINS),
      limits: parseLimits("LIMITS", json("LIMITS", env.LIMITS) ?? {}),
      callerLimits: parseLimits("CALLER_LIMITS", json("CALLER_LIMITS", env.CALLER_LIMITS) ?? {}),
      signingSecrets: parseSecrets(env.SIGNING_SECRET ?? ""),
      webhookOrigins: parseOrigins("WEBHOOK_ORIGINS", env.WEBHOOK_ORIGINS),
      bodyMs: SECOND * amount("BODY_SECONDS", env.BODY_SECONDS, 30),
      ...(env.PUBLIC_URL && { publicUrl: parseOrigin("PUBLIC_URL", env.PUBLIC_URL) }),
      results: {
        ...(isSet(env.RESULT_DAYS) && { ms: DAY * amount("RESULT_DAYS", env.RESULT_DAYS) }),
        largest: MEGABYTE * amount("RESULT_MEGABYTES", env.RESULT_MEGABYTES, 2000),
      },
      uploads: {
        ms: HOUR * amount("UPLOAD_HOURS", env.UPLOAD_HOURS, 24),
        largest: MEGABYTE * amount("UPLOAD_MEGABYTES", env.UPLOAD_MEGABYTES, 20),
      },
    };
  } catch (cause) {
    // What is wrong goes to the log alone: a setting is no caller's business.
    throw new Refusal(403, "not_configured", "This server is not configured as it should be: its log says what is wrong.", { cause });
  }
}

/** The origin at which this server is reached from outside. */
export const originFor = ({ publicUrl }: Settings, request: Request): string => publicUrl ?? new URL(request.url).origin;

/** How a provider is reached. @throws {Refusal} without a key */
export function upstreamOf(env: Env, provider: ProviderId): { apiKey: string; baseUrl: string } {
  const apiKey = env[KEYS[provider]];
  if (!apiKey) throw new Refusal(403, "not_configured", `This server has no key for ${provider}: set the secret ${KEYS[provider]}.`);
  return { apiKey, baseUrl: (upstreamsOf(env)[provider] ?? BASES[provider]).replace(/\/+$/, "") };
}

function upstreamsOf({ UPSTREAMS }: Env): Partial<Record<ProviderId, string>> {
  const value = json("UPSTREAMS", UPSTREAMS) ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("UPSTREAMS must be an object");
  for (const [name, base] of Object.entries(value)) {
    if (!isProvider(name)) throw new Error(`UPSTREAMS: there is no provider "${name}"`);
    if (typeof base !== "string" || !/^https?:\/\//.test(base) || !URL.canParse(base))
      throw new Error(`UPSTREAMS.${name} must be an http(s) address`);
  }
  return value;
}

/** Everything that must show nowhere, the keys in each form in which a provider may give them back. */
export const secretsOf = (env: Env): string[] => [
  ...Object.values(KEYS).flatMap((name) => formsOf(env[name] ?? "")),
  ...(env.SIGNING_SECRET ?? "").split(/\s+/).filter(Boolean),
];

function parseOrigins(name: string, given: unknown): string[] {
  const value = json(name, given) ?? [];
  if (!Array.isArray(value)) throw new Error(`${name} must be a list`);
  return value.map((origin) => parseOrigin(name, origin));
}

function parseOrigin(name: string, origin: unknown): string {
  if (typeof origin !== "string" || !isOrigin(origin))
    throw new Error(`${name}: ${JSON.stringify(origin)} is no origin such as "https://example.com"`);
  return origin;
}

const isSet = (value: unknown): boolean => value !== undefined && value !== "";

function amount(name: string, value: unknown, otherwise?: number): number {
  const number = isSet(value) ? Number(value) : otherwise;
  if (!(number !== undefined && number > 0 && number < 1e6)) throw new Error(`${name} must be a number above 0 and below a million`);
  return number;
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

/** A variable is a value; a secret, or one that is given on the command line, is text. */
function json(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value.trim() === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`${name} is not JSON`);
  }
}
