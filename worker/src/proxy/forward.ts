// Sends a request on to the one address that its provider has, and streams what comes back.

import { secretsOf, upstreamOf } from "../env.js";
import { Refusal } from "../refusal.js";
import { requestIdOf, textOf } from "../upstream/exchange.js";
import { fromProvider, toProvider } from "../upstream/headers.js";
import { errorOf, keyRefusal } from "../upstream/refused.js";
import type { Call } from "./call.js";
import { withoutSecrets } from "./redact.js";

/** How long a provider may take to begin its answer, in ms, once it has the request. */
const TIMEOUT = 60_000;

export interface Sent {
  body?: BodyInit;
  contentType?: string;
  /** How long a body that its caller is still sending may take, in ms. */
  within?: number;
}

/** The provider's answer as it came, for those who look into it. @throws {Refusal} for one that must not be passed on */
export async function ask({ env, provider, operation, id, query, line }: Call, sent: Sent = {}): Promise<Response> {
  const { body, contentType, within = 0 } = sent;
  const { apiKey, baseUrl } = upstreamOf(env, provider);
  const path = operation.path.replace(":id", encodeURIComponent(id ?? ""));
  const response = await fetch(`${baseUrl}/${path}${query}`, {
    method: operation.method,
    headers: toProvider(provider, apiKey, contentType),
    redirect: "manual", // the key goes nowhere else
    signal: AbortSignal.timeout(TIMEOUT + within),
    ...(body !== undefined && { body, duplex: "half" }), // Node requires this for a body that is a stream
  }).catch((cause) => {
    const message = cause.name === "TimeoutError" ? "The provider did not answer in time." : "The provider could not be reached.";
    throw new Refusal(502, "try_again", message, { cause });
  });
  const { upstreamRequestId } = requestIdOf(response.headers);
  if (upstreamRequestId) line.upstream_request_id = upstreamRequestId;
  if (response.status >= 300 && response.status < 400)
    throw new Refusal(502, "try_again", "The provider answered with a redirect, which is not followed.");
  if (response.status !== 401 && response.status !== 403) return response;
  const text = await textOf(response).catch(() => "");
  const refusal = keyRefusal(await errorOf(provider, new Response(text, response)));
  if (refusal) throw refusal;
  return new Response(text, response);
}

/** An answer to the caller. */
export function passed(call: Call, response: Response): Response {
  const body = response.body?.pipeThrough(withoutSecrets(secretsOf(call.env))) ?? null;
  return new Response(body, { status: response.status, headers: fromProvider(response.headers) });
}

export const forward = async (call: Call, sent?: Sent): Promise<Response> => passed(call, await ask(call, sent));
