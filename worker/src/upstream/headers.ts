// Which header fields pass. What is not named here does not: no cookie, no address of a caller, no name of a server behind this one.

import type { ProviderId } from "luma-edge";

/** Of an answer, what the client reads. */
const PASS = ["date", "retry-after", "retry-after-ms", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] as const;

/** What goes to a provider: nothing of the caller's but what the body is. */
export function toProvider(provider: ProviderId, apiKey: string, contentType?: string): Record<string, string> {
  return {
    accept: "application/json",
    ...(provider === "piapi" ? { "x-api-key": apiKey } : { authorization: `Bearer ${apiKey}` }),
    ...(contentType && { "content-type": contentType }),
  };
}

/** What comes from a provider. Its body is data, whatever it says it is: a page of its own must not run on this origin. */
export function fromProvider(headers: Headers): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASS) {
    const value = headers.get(name);
    if (value !== null) passed[name] = value;
  }
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
  return { ...passed, "content-type": isJson ? "application/json" : "text/plain; charset=utf-8" };
}
