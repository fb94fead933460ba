// Notifies a job's webhook of the job's end.

import { nextAttempt } from "../webhooks/retry.js";
import { send } from "../webhooks/send.js";
import type { QueueContext } from "./context.js";
import { jobOf } from "./row.js";
import type { Delivery } from "./store.js";

/** One attempt. If a crash hides that it arrived, it is sent twice, with the same id. */
export async function deliver({ env, jobs }: QueueContext, { n, attempts }: Delivery): Promise<void> {
  const row = jobs.row(n);
  if (!row?.webhook) return jobs.setDelivery(n, attempts, undefined);
  const { id, caller, webhook: url } = row;
  const job = jobOf(row);
  const body = JSON.stringify({ type: `job.${job.state}`, timestamp: job.updated_at, data: job });
  const delivered = await send(env, { id: `msg_${id}`, url, caller, body });
  if (delivered.ok) {
    jobs.addHistory(n, "webhook_delivered");
    return jobs.setDelivery(n, attempts + 1, undefined);
  }
  const pause = delivered.retry ? nextAttempt(attempts + 1, delivered.after) : undefined;
  jobs.addHistory(n, pause === undefined ? "webhook_failed" : "webhook_delayed", delivered.detail);
  jobs.setDelivery(n, attempts + 1, pause === undefined ? undefined : Date.now() + pause);
}
