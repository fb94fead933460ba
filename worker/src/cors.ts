// Which pages may call: those of the listed origins, compared as a whole, and those of the Worker's own.

import { Refusal } from "./refusal.js";

const METHODS = "GET, POST, DELETE";
const REQUEST_HEADERS = "accept, authorization, content-type, idempotency-key, last-event-id, x-api-key";
/** What the client reads of an answer, and a page could not without this. */
const ANSWER_HEADERS =
  "date, luma-edge-idempotency, retry-after, retry-after-ms, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id, x-should-retry";

/**
 * The origin that the answer is for; undefined for a request that is no page's, or is of a page of the Worker's own.
 * @throws {Refusal} for any other
 */
export function originOf(request: Request, allowed: readonly string[]): string | undefined {
  const origin = request.headers.get("origin");
  if (origin === null || origin === new URL(request.url).origin) return undefined;
  if (!allowed.includes(origin)) throw new Refusal(403, "origin", "Pages of this origin may not call this server: see ORIGINS.");
  return origin;
}

export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": "7200",
    },
  });
}

export function withCors(headers: Headers, origin: string | undefined): void {
  headers.append("vary", "origin");
  if (origin === undefined) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", ANSWER_HEADERS);
}
