// What follows from how jobs stand at their provider.

import type { Generation, ProviderId } from "luma-edge";
import { type Failure, failureOf } from "../creation/messages.js";
import { secretsOf } from "../env.js";
import { accountOf } from "../limits/account.js";
import { without } from "../log.js";
import { hasEnded, isGone, isLost, isRefunded } from "../upstream/ended.js";
import type { QueueContext } from "./context.js";
import { type Polled, poll } from "./poll.js";
import { Reports } from "./reports.js";
import { type Running, stored } from "./row.js";
import { backoff, LONGEST_JOB, LONGEST_POLL, LONGEST_SILENCE, pollPause, READS_UNTIL_GONE } from "./schedule.js";

/** How a job ended: with its generation as it is then, or without. */
interface End {
  row: Running;
  generation?: Generation;
  error?: Failure;
}

/** Polls jobs of one provider. Those that ended are reported to the account first: until it knows, they are polled again. */
export async function watch(context: QueueContext, provider: ProviderId, rows: readonly Running[]): Promise<void> {
  const { env, jobs } = context;
  const left = new Map(rows.map((row) => [row.generation_id as string, row]));
  // One read that is not answered delays no end of another job.
  const reports = new Reports<End>(async (ends) => {
    await accountOf(env).ended(provider, ends.map(inAccount));
    for (const end of ends) {
      left.delete(end.row.generation_id as string);
      ended(context, end);
    }
  });
  try {
    await poll(env, provider, [...left.keys()], jobs.running(), (id, polled) => {
      const row = left.get(id) as Running;
      const end = endOf(row, polled);
      if (end) return reports.add({ row, ...end });
      left.delete(id);
      if ("generation" in polled) goesOn(context, row, polled.generation);
      else failed(context, row, polled.after, isGone(polled.error));
    });
    await reports.done();
  } catch (error) {
    for (const row of left.values()) failed(context, row);
    throw error;
  }
}

const inAccount = ({ row, generation }: End) => ({ id: row.generation_id as string, refunded: isRefunded(generation) });

/** A poll that failed is no failed job. */
function failed({ jobs }: QueueContext, row: Running, after = 0, isNotFound = false): void {
  const due = Date.now() + Math.max(after, backoff(row.failures, LONGEST_POLL));
  jobs.pollAt(row, due, row.failures + 1, isNotFound ? row.not_found + 1 : 0);
}

/** How it ended; undefined while it goes on. */
function endOf({ made, not_found }: Running, polled: Polled): Omit<End, "row"> | undefined {
  const run = Date.now() - (made ?? 0);
  if ("generation" in polled) {
    const { generation } = polled;
    if (hasEnded(generation)) return { generation };
    const message = "The job did not end within a day. It is not waited for any longer.";
    return run > LONGEST_JOB ? { generation, error: { code: "timeout", message } } : undefined;
  }
  const { error } = polled;
  if (isLost(error, not_found + 1, READS_UNTIL_GONE, run)) return { error: failureOf(error) };
  return run > LONGEST_SILENCE ? { error: failureOf(error) } : undefined;
}

function goesOn({ env, jobs }: QueueContext, row: Running, generation: Generation): void {
  const now = Date.now();
  jobs.pollAt(row, now + pollPause(now - (row.made ?? now)), 0, 0);
  if (generation.state !== "dreaming" || row.state === "dreaming") return;
  jobs.change(row.n, { state: "dreaming", generation: without(secretsOf(env), stored(generation)) }, "dreaming");
}

function ended({ env, jobs, queues }: QueueContext, { row, generation, error }: End): void {
  const safe = (value: object) => without(secretsOf(env), JSON.stringify(value));
  const kept = generation && { generation: without(secretsOf(env), stored(generation)) };
  if (generation?.state === "completed") {
    jobs.set(row.n, { ...kept, stage: "keep", due: 0, failures: 0, ended: Date.now() });
    jobs.addHistory(row.n, "made");
  } else {
    const reason = error?.message ?? generation?.failure?.reason;
    const usd = isRefunded(generation) ? 0 : row.usd;
    const change = { ...kept, usd, state: "failed", stage: "end", ...(error && { error: safe(error) }) } as const;
    jobs.change(row.n, change, "failed", reason && without(secretsOf(env), reason));
  }
  queues.ended(row.caller);
}
