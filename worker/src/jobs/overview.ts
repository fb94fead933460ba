// What the operator is shown of the queue. It changes nothing, and reads of what ended long ago nothing.

import type { ProviderId } from "luma-edge";
import { DAY, iso } from "../units.js";
import type { HoldReason } from "./caller-queues.js";
import type { JobState } from "./job.js";

/** Jobs that go on, and those that ended in the last 24 hours. */
export type States = Partial<Record<JobState, number>>;

export interface Hold {
  /** Absent where all callers are held. */
  caller?: string;
  /** Absent where all providers are. */
  provider?: ProviderId;
  until: string;
  reason: HoldReason | "provider";
}

export interface QueueOverview {
  states: States;
  callers: { name: string; states: States; oldest_waiting?: string }[];
  oldest_waiting?: string;
  held: Hold[];
  /** Webhooks that are still to be delivered. */
  webhooks: number;
}

const MOST = 100;

/** Each in the words of an index. */
const STAGES = ["stage = 'wait'", "stage IN ('send', 'poll')", "stage = 'keep'"];

export function overviewOf(sql: SqlStorage, now = Date.now()): QueueOverview {
  const callers = new Map<string, { states: States; oldest?: number }>();
  const states: States = {};
  const count = (where: string, ...values: number[]) => {
    const query = `SELECT caller, state, count(*) AS count, min(created) AS oldest FROM jobs WHERE ${where} GROUP BY caller, state`;
    for (const row of sql.exec<{ caller: string; state: JobState; count: number; oldest: number }>(query, ...values)) {
      const caller = callers.get(row.caller) ?? { states: {} };
      callers.set(row.caller, caller);
      for (const sums of [states, caller.states]) sums[row.state] = (sums[row.state] ?? 0) + row.count;
      if (row.state === "waiting") caller.oldest = Math.min(caller.oldest ?? now, row.oldest);
    }
  };
  for (const stage of STAGES) count(stage);
  count("stage = 'end' AND updated > ?", now - DAY);
  const oldest = Math.min(...[...callers.values()].map((caller) => caller.oldest ?? now));
  const waits = (at: number | undefined) => (at === undefined ? {} : { oldest_waiting: iso(at) });
  return {
    states,
    callers: [...callers]
      .sort(([, one], [, other]) => (other.states.waiting ?? 0) - (one.states.waiting ?? 0))
      .slice(0, MOST)
      .map(([name, { states, oldest }]) => ({ name, states, ...waits(oldest) })),
    ...waits(states.waiting ? oldest : undefined),
    held: [...heldProviders(sql, now), ...heldCallers(sql)],
    webhooks: sql.exec<{ count: number }>("SELECT count(*) AS count FROM deliveries").one().count,
  };
}

function heldProviders(sql: SqlStorage, now: number): Hold[] {
  return sql
    .exec<{ provider: ProviderId | ""; until: number }>("SELECT provider, until FROM holds WHERE until > ? ORDER BY until", now)
    .toArray()
    .map(({ provider, until }) =>
      provider === "" ? { until: iso(until), reason: "limit" } : { provider, until: iso(until), reason: "provider" },
    );
}

function heldCallers(sql: SqlStorage): Hold[] {
  const query = "SELECT caller, provider, held_until, hold_reason FROM queues WHERE held_until IS NOT NULL ORDER BY held_until LIMIT ?";
  return sql
    .exec<{ caller: string; provider: ProviderId; held_until: number; hold_reason: HoldReason }>(query, MOST)
    .toArray()
    .map(({ caller, provider, held_until, hold_reason }) => ({ caller, provider, until: iso(held_until), reason: hold_reason }));
}
