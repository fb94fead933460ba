// From a request to what a creation object is asked for: checked and priced, with what it is known by.

import type { ProviderId } from "luma-edge";
import type { Limits } from "../limits/limits.js";
import { checked } from "../requests/check.js";
import type { Requested } from "../requests/index.js";
import { hashOf } from "./key.js";
import type { Wanted } from "./messages.js";

/**
 * @param origin of this server
 * @param parent of an upscale or added sound
 * @throws {Refusal} with every problem of a request that may not be made
 */
export async function wantedOf(
  provider: ProviderId,
  requested: Requested,
  limits: Limits,
  origin: string,
  parent?: string,
): Promise<Wanted> {
  const { request, schema } = requested;
  const { usd } = await checked(provider, requested, limits, origin, parent);
  return {
    provider,
    request,
    hash: await hashOf([request, schema, parent]),
    ...(schema && { schema }),
    ...(parent !== undefined && { parent }),
    ...(usd !== undefined && { usd }),
    ...(await fingerprintOf(provider, request)),
  };
}

/** As the library compares texts: a provider may keep one in another form. */
const normalized = (text: unknown): unknown => (typeof text === "string" ? text.normalize("NFKC").replace(/\s+/g, " ").trim() : text);

/**
 * By what a lost creation is found in a list, at the least: a request with fewer fields fits the job of one with more. So its form is no part
 * of it, which a request need not name. useapi's list does not show the prompt, and Agents has no list.
 */
async function fingerprintOf(provider: ProviderId, { prompt }: Record<string, unknown>): Promise<{ fingerprint?: string }> {
  return provider === "agents" ? {} : { fingerprint: await hashOf(provider === "useapi" ? [] : [normalized(prompt ?? "")]) };
}
