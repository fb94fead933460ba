// Whose job is sent now. The account has the last word on every limit; where the queue itself can see that there is no place, it does not ask.

import type { ProviderId } from "luma-edge";
import { OTHERS } from "../auth/authorize.js";
import { type Settings, settingsOf } from "../env.js";
import type { Limits } from "../limits/limits.js";
import type { QueueContext } from "./context.js";
import type { Row } from "./row.js";
import { HELD, SETTLING } from "./schedule.js";

/** Takes the next job out of its queue; undefined when none may be sent now. */
export function nextToSend(context: QueueContext, takesOneMore: (provider: ProviderId) => boolean, now: number): Row | undefined {
  const { env, jobs, queues } = context;
  const settings = settingsOf(env);
  if (isFull(settings.limits, () => jobs.running())) return undefined; // the end of a job is looked at
  for (let queue = queues.next(takesOneMore); queue; queue = queues.next(takesOneMore)) {
    const { caller, provider } = queue;
    const row = jobs.nextToSend(caller, provider, now);
    if (!row) {
      const next = jobs.nextSendAt(caller, provider);
      if (next === undefined) queues.leave(queue);
      else queues.hold(caller, next, "backoff", provider);
      continue;
    }
    const limits = limitsOf(context, settings, caller);
    if (!limits) queues.hold(caller, now + HELD, "removed");
    else if (isFull(limits, () => jobs.running(caller))) queues.hold(caller, now + HELD, "concurrency");
    else if (queues.isNearBudget(caller) && jobs.isAny("send", caller)) queues.hold(caller, now + SETTLING, "budget");
    else {
      const sent = { stage: "send", due: now, last_sent: now, first_sent: row.first_sent ?? now, failures: row.failures } as const;
      jobs.set(row.n, sent);
      queues.served(caller);
      return { ...row, ...sent };
    }
  }
  return undefined;
}

/**
 * Those of the settings, as they are now; of a caller that `authorize` named, those that it had last. None for a caller that is no longer in
 * the settings: its jobs wait.
 */
export function limitsOf({ queues }: QueueContext, { callers, callerLimits }: Settings, caller: string): Limits | undefined {
  if (caller.startsWith(OTHERS)) return queues.limitsOf(caller);
  const known = callers.find(({ name }) => name === caller);
  return known && (known.limits ?? callerLimits);
}

const isFull = ({ jobsAtOnce }: Limits, running: () => number): boolean => jobsAtOnce !== undefined && running() >= jobsAtOnce;
