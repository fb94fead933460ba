// Reports an error to the operator, if it matters and the account can be reached. The log has it in any case.

import type { Env } from "../env.js";
import { accountOf } from "./account.js";
import type { ErrorEntry } from "./errors.js";

/** Those of failures, and of refusals that may have to be looked into. Limits hold callers all the time. */
const MATTERS = [
  ...["budget", "price_unknown", "not_configured", "try_again", "unknown_outcome", "internal", "provider"],
  ...["answer_lost", "creation_failed", "queue_failed", "results_not_kept"],
];

export async function report(env: Env, error: Omit<ErrorEntry, "at" | "times">): Promise<void> {
  if (!MATTERS.includes(error.code)) return;
  try {
    await accountOf(env).report(error);
  } catch {}
}
