// What a Worker's refusals, and the ends of jobs, are as errors.

import { LumaError } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { REFUSALS } from "../generated/names.js";
import type { Code, Generation, Problem } from "../generated/types.js";
import type { Job, JobState } from "./types.js";

/** The Worker's own words for what has a code of its own here. */
const CODES: Partial<Record<string, Code>> = {
  budget: "budget_exceeded",
  price_unknown: "budget_exceeded",
  already_sent: "unsupported",
  already_ended: "unsupported",
};

const RETRYABLE: readonly Code[] = ["rate_limited", "timeout", "network", "server"];

export const isRetryable = (code: Code): boolean => RETRYABLE.includes(code);

export const isFinal = (state: JobState): boolean => !["waiting", "queued", "dreaming"].includes(state);

export const invalidOption = (what: string, path: string, message: string): LumaError =>
  new LumaError(invalidRequest([{ path, code: "invalid_value", message }], what));

/** How long a server asked to wait, in ms; known of its refusals alone. */
const waits = new WeakMap<LumaError, number>();

export const retryAfterOf = (error: LumaError): number => waits.get(error) ?? 0;

/** The error that an answer means. */
export async function refusalOf(response: Response, what: string): Promise<LumaError> {
  const { status, headers } = response;
  const body = await response.json().catch(() => undefined);
  const { detail, code: word, problems } = (body ?? {}) as { detail?: string; code?: string; problems?: Problem[] };
  const known = typeof detail === "string";
  const code = (known && CODES[word ?? ""]) || codeOf(status, known);
  const requestId = headers.get("x-request-id");
  const error = new LumaError({
    code,
    message: `${what} was answered with ${described(status, detail)}`,
    retryable: isRetryable(code),
    ...(status && { status }),
    ...(Array.isArray(problems) && { problems }),
    ...(requestId && { requestId }),
  });
  waits.set(error, 1000 * (Number(headers.get("retry-after")) || 0));
  return error;
}

function described(status: number, detail: string | undefined): string {
  if (!status || (status >= 300 && status < 400)) return "a redirect, which is not followed: check baseUrl";
  return typeof detail === "string" ? `${status}: ${detail}` : `${status}, and not as the jobs API does: check baseUrl and any proxy`;
}

/** @param known whether the answer is the Worker's own: else it says nothing of a job, nor of the token */
function codeOf(status: number, known: boolean): Code {
  if (status === 408) return "timeout";
  if (status === 410) return "gone";
  if (status === 429) return "rate_limited";
  if (status >= 400 && !REFUSALS.includes(status)) return "server";
  if (!known) return "protocol";
  if (status === 401 || status === 403) return "authentication";
  if (status === 404 || status === 405) return "not_found";
  return [400, 409, 413, 415, 422].includes(status) ? "invalid_request" : "protocol";
}

/** What a job that has ended came to. @throws {LumaError} */
export function outcomeOf({ id, provider, state, generation, error }: Job): Generation {
  if (state === "completed" && generation) return generation;
  const failed = (code: Code, message: string, more: Partial<LumaError> = {}) =>
    new LumaError({ code, message, provider, ...(generation && { generation }), ...more });
  if (state === "cancelled") throw failed("aborted", `The job ${id} was cancelled before it was sent: nothing was made.`);
  if (generation?.failure) {
    const { code, reason, refunded, retryable } = generation.failure;
    const message = `The job ${id} failed: ${reason || "no reason given"}${refunded ? " (refunded)" : ""}`;
    throw failed(code === "moderation" ? "moderated" : "generation_failed", message, { retryable });
  }
  if (!error) throw failed("protocol", `The job ${id} is ${state}, and has neither a generation nor an error.`);
  const { code, message, problems, status } = error;
  throw failed(state === "unknown" ? "unknown_outcome" : (CODES[code] ?? (code as Code)), `The job ${id} failed: ${message}`, {
    ...(problems && { problems }),
    ...(status !== undefined && { status }),
  });
}
