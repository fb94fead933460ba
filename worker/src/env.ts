// What a deployment is given: bindings, variables and secrets. Read anew for each request, and checked: whatever cannot be read closes
// the Worker, since a limit that is misspelt would be no limit.

import type { ProviderId } from "luma-edge";
import { type Caller, parseCallers, SHA256 } from "./auth/callers.js";
import type { Creation } from "./creation/creation.js";
import type { Account } from "./limits/account.js";
import { type Limits, parseLimits } from "./limits/limits.js";
import { Refusal } from "./refusal.js";

export interface Env {
  ACCOUNT: DurableObjectNamespace<Account>;
  CREATION: DurableObjectNamespace<Creation>;
  LUMA_API_KEY?: string;
  LUMA_AGENTS_API_KEY?: string;
  USEAPI_TOKEN?: string;
  PIAPI_KEY?: string;
  /** JSON, as text or as a value: {@link Caller}s. */
  CALLERS?: unknown;
  /** The SHA-256 of the token that `/admin` wants, in hexadecimal. */
  ADMIN_SHA256?: string;
  DEFAULT_PROVIDER?: string;
  ORIGINS?: unknown;
  LIMITS?: unknown;
  CALLER_LIMITS?: unknown;
  /** The base URL of each provider whose own is not meant: a simulator's. */
  UPSTREAMS?: unknown;
  /** How long the body of a request may take to arrive, in s. */
  BODY_SECONDS?: unknown;
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
  bodyMs: number;
}

/** Each provider and where it lives, as in src/provider. */
const BASES: Record<ProviderId, string> = {
  "dream-machine": "https://api.lumalabs.ai/dream-machine/v1",
  agents: "https://agents.lumalabs.ai/v1",
  useapi: "https://api.useapi.net/v1/luma",
  piapi: "https://api.piapi.ai",
};

/** Each provider and its secret. */
const KEYS = {
  "dream-machine": "LUMA_API_KEY",
  agents: "LUMA_AGENTS_API_KEY",
  useapi: "USEAPI_TOKEN",
  piapi: "PIAPI_KEY",
} as const satisfies Record<ProviderId, keyof Env>;

export const isProvider = (name: string | undefined): name is ProviderId => name !== undefined && Object.hasOwn(KEYS, name);

/** @throws {Refusal} */
export function settingsOf(env: Env): Settings {
  try {
    const defaultProvider = env.DEFAULT_PROVIDER || "agents";
    if (!isProvider(defaultProvider)) throw new Error(`DEFAULT_PROVIDER: there is no provider "${defaultProvider}"`);
    const { ADMIN_SHA256: adminSha256 } = env;
    if (adminSha256 && !SHA256.test(adminSha256)) throw new Error("ADMIN_SHA256 must be 64 hexadecimal digits, in lower case");
    return {
      ...(adminSha256 && { adminSha256 }),
      callers: parseCallers(json("CALLERS", env.CALLERS) ?? []),
      defaultProvider,
      origins: parseOrigins(json("ORIGINS", env.ORIGINS) ?? []),
      limits: parseLimits("LIMITS", json("LIMITS", env.LIMITS) ?? {}),
      callerLimits: parseLimits("CALLER_LIMITS", json("CALLER_LIMITS", env.CALLER_LIMITS) ?? {}),
      bodyMs: 1000 * (Number(env.BODY_SECONDS ?? 30) || 30),
    };
  } catch (cause) {
    // What is wrong goes to the log alone: a setting is no caller's business.
    throw new Refusal(403, "not_configured", "This server is not configured as it should be: its log says what is wrong.", { cause });
  }
}

/** How a provider is reached. @throws {Refusal} without a key */
export function upstreamOf(env: Env, provider: ProviderId): { apiKey: string; baseUrl: string } {
  const apiKey = env[KEYS[provider]];
  if (!apiKey) throw new Refusal(403, "not_configured", `This server has no key for ${provider}: set the secret ${KEYS[provider]}.`);
  const others = json("UPSTREAMS", env.UPSTREAMS) as Partial<Record<ProviderId, string>> | undefined;
  return { apiKey, baseUrl: (others?.[provider] ?? BASES[provider]).replace(/\/+$/, "") };
}

/** Everything that must show nowhere. */
export const secretsOf = (env: Env): string[] =>
  Object.values(KEYS).flatMap((name) => {
    const secret = env[name];
    return secret ? [secret] : [];
  });

function parseOrigins(value: unknown): string[] {
  if (!Array.isArray(value)) throw new Error("ORIGINS must be a list");
  for (const origin of value) {
    if (typeof origin !== "string" || !URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new Error(`ORIGINS: ${JSON.stringify(origin)} is no origin such as "https://example.com"`);
  }
  return value;
}

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
