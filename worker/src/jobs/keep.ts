// Keeps the results of a job that was made. Only then it is completed.

import type { Generation } from "luma-edge";
import { secretsOf } from "../env.js";
import { report } from "../limits/report.js";
import { log, reason } from "../log.js";
import { keepResults } from "../results/keep.js";
import { NotKept } from "../results/not-kept.js";
import type { QueueContext } from "./context.js";
import { type Row, stored } from "./row.js";
import { backoff, RETRY_FOR } from "./schedule.js";

/** May be repeated after any interruption. */
export async function keep(
  { env, jobs }: QueueContext,
  { n, id, caller, provider, origin, failures, generation, ended }: Row,
): Promise<void> {
  const made = JSON.parse(generation as string) as Generation;
  try {
    const kept = await keepResults(env, origin, id, made);
    jobs.change(n, { state: "completed", stage: "end", generation: stored(kept) }, "completed");
  } catch (error) {
    log({ event: "results_not_kept", job: id, error: reason(error) }, secretsOf(env));
    const now = Date.now();
    const known = error instanceof NotKept ? error : undefined;
    if (known?.permanent || (ended ?? 0) < now - RETRY_FOR) {
      const detail = `Not all results could be copied: the addresses of the others are the provider's own. ${known?.message ?? ""}`.trim();
      jobs.change(n, { state: "completed", stage: "end", generation: stored(known?.generation ?? made) }, "completed", detail);
      await report(env, { code: "results_not_kept", caller, provider });
    } else jobs.set(n, { due: now + backoff(failures), failures: failures + 1 });
  }
}
