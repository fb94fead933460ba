// The messages of a creation object, what it is asked for and what it answers: plain data, since it crosses from one object to another.

import type { Generation, LumaError, Problem, ProviderId } from "luma-edge";
import type { Limits } from "../limits/limits.js";
import type { Refusal } from "../refusal.js";
import type { Answer } from "../upstream/exchange.js";

/** What a caller asks for, checked. */
export interface Wanted {
  provider: ProviderId;
  /** In luma-edge's words. */
  request: Record<string, unknown>;
  schema?: "2026" | "2025";
  /** The generation that an upscale or added sound is for. */
  parent?: string;
  /** Of what is asked for: the same key with another is another creation. */
  hash: string;
  /** What the provider's list would show of it, where it has one. */
  fingerprint?: string;
  /** Absent where no price is known. */
  usd?: number;
}

/** What a creation object is asked for. */
export interface CreationRequest extends Wanted {
  caller: string;
  /** Whether its caller can ask for it again, by an Idempotency-Key. */
  keyed: boolean;
  /** Whether the queue watches the job, and asks to forget it: then it is not read by its creation. */
  watched?: boolean;
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
  /** The job itself, for the queue: a {@link Generation} in JSON. */
  made?: string;
  /** Why nothing was made, by this server's own word. */
  code?: string;
  /** Why no job is known, as data. */
  error?: Failure;
  /** Whether nothing was sent, since the provider could not be reached. */
  unreached?: boolean;
  /** Whether this is about all callers together. */
  ofAll?: boolean;
  /** Whether its outcome is unknown and recovery still searches for it. */
  searching?: boolean;
}

/** What an error says, as plain data. */
export interface Failure {
  code: string;
  message: string;
  problems?: Problem[];
  /** Of the HTTP answer. */
  status?: number;
}

export function failureOf({ code, message, problems, status }: LumaError): Failure {
  return { code, message, ...(problems.length && { problems }), ...(status !== undefined && { status }) };
}

/** What is known of a creation. */
export interface CreationStatus {
  /**
   * `none`: nothing was made, and nothing is being made. `pending`: it is being made, or looked for. `unknown`: it may have been made, and
   * there is no way to tell.
   */
  state: "none" | "pending" | "made" | "unknown";
  /** What its caller was answered, or would have been: the provider's own, in JSON. */
  answer?: string;
}

export function outcome(status: number, body: Record<string, unknown>, headers: Record<string, string> = {}): Outcome {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

export function refused({ status, code, message, body, headers, more: { problems, ofAll } }: Refusal): Outcome {
  const error = { code, message, status, ...(problems && { problems }) };
  return { ...outcome(status, body, headers), code, error, ...(ofAll && { ofAll }) };
}

/**
 * A 5xx: to a client that means that the creation may have been made. The official SDKs retry a 5xx by themselves, and without a key each
 * retry may buy another job: the header tells them not to.
 */
export function unknownOutcome(detail: string): Outcome {
  const code = "unknown_outcome";
  return { ...outcome(504, { detail, code }, { "x-should-retry": "false" }), code, error: { code, message: detail } };
}
