// What a creation object is asked for, and what it answers: plain data, since it crosses from one object to another.

import type { ProviderId } from "luma-edge";
import type { Limits } from "../limits/limits.js";
import type { Refusal } from "../refusal.js";
import type { Answer } from "../upstream/exchange.js";

export interface Order {
  caller: string;
  provider: ProviderId;
  /** In luma-edge's words, checked. */
  request: Record<string, unknown>;
  schema?: "2026" | "2025";
  /** The generation that an upscale or added sound is for. */
  parent?: string;
  /** Of what is asked for: the same key with another is another creation. */
  hash: string;
  /** Whether its caller can ask for it again, by an Idempotency-Key. */
  keyed: boolean;
  /** What the provider's list would show of it, where it has one. */
  looks?: string;
  /** Absent where no price is known. */
  usd?: number;
  limits: Limits;
  /** Of all callers together. */
  total: Limits;
  /** Of the request that it came with, for the log. */
  requestId?: string;
}

/** The HTTP answer to the caller. */
export interface Outcome extends Answer {
  /** Of a job that was made. */
  generation?: string;
  /** Why nothing was made, by this server's own word. */
  code?: string;
}

export function outcome(status: number, body: Record<string, unknown>, headers: Record<string, string> = {}): Outcome {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

export function refused({ status, code, body, headers }: Refusal): Outcome {
  return { ...outcome(status, body, headers), code };
}

/** A 5xx: to a client that means that the creation may have been made. */
export function unknownOutcome(detail: string): Outcome {
  const code = "unknown_outcome";
  return { ...outcome(504, { detail, code }), code };
}
