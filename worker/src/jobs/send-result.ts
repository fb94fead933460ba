// What sending a job came to, from what its creation answered: one of a few cases, each with what it needs.

import type { Generation } from "luma-edge";
import type { Failure, Outcome } from "../creation/messages.js";
import { retryAfter } from "../retry-after.js";
import { KEY_PAUSE, LONGEST_HOLD, SETTLING } from "./schedule.js";

export type SendResult =
  /** It was made. */
  | { kind: "made"; generation: Generation }
  /** The outcome is unknown; `searching`: recovery still looks for the job. */
  | { kind: "unknown"; error: Failure; searching: boolean }
  /** It is never made. */
  | { kind: "failed"; byProvider: boolean; error: Failure }
  /** A limit of this server does not let it through yet. */
  | { kind: "limit"; after: number; ofAll: boolean; error: Failure }
  /** A budget is spent. */
  | { kind: "budget"; ofAll: boolean; error: Failure }
  /** The provider does not take it yet; `othersFirst`: it may take other jobs. */
  | { kind: "provider"; after: number; othersFirst: boolean; error: Failure }
  /** It can be sent again after a while. */
  | { kind: "again"; after: number; error: Failure };

/** Refusals of a provider that are about the key or its credits: but a key may not be good for a model, and credits too few for one job. */
const OF_THE_ACCOUNT = ["authentication", "insufficient_credits"];
/** Those that are not about the job at all. */
const OF_THE_MOMENT = ["rate_limited", "network", "server", "timeout"];

export function sendResultOf(outcome: Outcome): SendResult {
  const { code, made, unreached, searching = false, ofAll = false, headers } = outcome;
  const error = outcome.error ?? { code: "internal", message: "This server failed." };
  const after = retryAfter(headers["retry-after"], LONGEST_HOLD) ?? 0;
  if (made !== undefined) return { kind: "made", generation: JSON.parse(made) };
  if (unreached) return { kind: "provider", after, othersFirst: false, error: { ...error, code: "network" } };
  switch (code) {
    case "unknown_outcome":
      return { kind: "unknown", error, searching };
    case "limit":
      return { kind: "limit", after: Math.max(after, SETTLING), ofAll, error };
    case "budget":
      return { kind: "budget", ofAll, error: { ...error, code: "budget_exceeded" } };
    case "price_unknown":
      return { kind: "failed", byProvider: false, error: { ...error, code: "budget_exceeded" } };
    case "not_configured":
      return { kind: "provider", after: KEY_PAUSE, othersFirst: true, error: { ...error, code: "authentication" } };
    case "try_again":
      return { kind: "again", after, error };
    case undefined:
      if (OF_THE_ACCOUNT.includes(error.code)) return { kind: "provider", after: KEY_PAUSE, othersFirst: true, error };
      if (OF_THE_MOMENT.includes(error.code))
        return { kind: "provider", after: error.code === "rate_limited" ? after : KEY_PAUSE, othersFirst: false, error };
      return { kind: "failed", byProvider: true, error };
    default:
      return { kind: "failed", byProvider: false, error };
  }
}
