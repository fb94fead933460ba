// One attempt to deliver a webhook.

import { type Env, settingsOf } from "../env.js";
import { Refusal } from "../refusal.js";
import { retryAfter } from "../retry-after.js";
import { HOUR } from "../units.js";
import { signedHeaders } from "./sign.js";
import { isExempt, webhookProblem } from "./target.js";

export interface Webhook {
  /** The same with every attempt: by it a receiver knows one that it had before. */
  id: string;
  url: string;
  /** Whose secret signs it. */
  caller: string;
  /** JSON. */
  body: string;
}

/** The result of an attempt. `after` is how long the receiver asks to be left alone, in ms, an hour at the most. */
export type Delivered = { ok: true } | { ok: false; retry: boolean; detail: string; after?: number };

/** How long a receiver may take to answer, in ms. */
const TIMEOUT = 15_000;

/** Posts a webhook once. Of the answer only its status and `retry-after` are read. */
export async function send(env: Env, webhook: Webhook, within = TIMEOUT): Promise<Delivered> {
  try {
    const settings = settingsOf(env);
    const problem = webhookProblem(settings, webhook.url);
    if (problem) return { ok: false, retry: false, detail: `The address ${problem}.` };
    const fetcher = isExempt(settings, webhook.url) ? globalThis : (env.PUBLIC_NETWORK ?? globalThis);
    const response = await fetcher.fetch(webhook.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "luma-edge",
        ...(await signedHeaders(settings.signingSecrets, webhook)),
      },
      body: webhook.body,
      redirect: "manual", // it may lead to where no webhook may go
      signal: AbortSignal.timeout(within),
    });
    await response.body?.cancel();
    return answered(response);
  } catch (error) {
    return { ok: false, retry: true, detail: whyNot(error, within) };
  }
}

function whyNot(error: unknown, within: number): string {
  if (error instanceof Refusal) return error.message; // the settings cannot be read
  const isLate = error instanceof Error && error.name === "TimeoutError";
  return isLate ? `No answer came within ${within / 1000} s.` : "The address could not be reached.";
}

function answered({ ok, status, headers }: Response): Delivered {
  if (ok) return { ok };
  if (status === 410) return { ok, retry: false, detail: "The receiver answered 410: it wants no more." };
  const after = retryAfter(headers.get("retry-after"), HOUR);
  const detail = `The receiver answered ${status}${status >= 300 && status < 400 ? ", a redirect, which is not followed" : ""}.`;
  return { ok, retry: true, detail, ...(after !== undefined && { after }) };
}
