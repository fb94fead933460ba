// The operator's overview: jobs, money and errors, each from the object that knows it.

import type { Env, Settings } from "../env.js";
import type { QueueOverview } from "../jobs/overview.js";
import { queueOf } from "../jobs/stub.js";
import { type AccountStub, accountOf } from "../limits/account.js";
import type { Limits } from "../limits/limits.js";
import type { Spent } from "../limits/overview.js";
import { orTryAgain } from "../refusal.js";

/** The part of the limits that a sum is held against. */
type Budget = Pick<Limits, "usdPerDay" | "usdPerMonth" | "jobsAtOnce">;

/** Without limits where `authorize` says what they are, anew with each request. */
export type Held<T> = T & { limits?: Budget };

type FromAccount = Awaited<ReturnType<AccountStub["overview"]>>;

export interface Overview extends Pick<FromAccount, "day" | "month" | "running" | "unknown" | "errors"> {
  at: string;
  queue: QueueOverview;
  total: Held<Spent>;
  callers: Held<Spent & { name: string }>[];
}

const NONE: Spent = { usd_today: 0, usd_month: 0, running: 0 };

export async function overview(env: Env, { callers, callerLimits, limits }: Settings): Promise<Overview> {
  const [account, queue] = await orTryAgain(Promise.all([accountOf(env).overview(), queueOf(env).overview()]), "Look again.");
  const known = new Map(callers.map((caller) => [caller.name, budgetOf(caller.limits ?? callerLimits)]));
  const idle = callers.filter(({ name }) => !account.callers.some((active) => active.name === name)).map(({ name }) => ({ ...NONE, name }));
  return {
    ...account,
    queue,
    at: new Date().toISOString(),
    total: { ...account.total, limits: budgetOf(limits) },
    callers: [...account.callers, ...idle].map((caller) => {
      const limits = known.get(caller.name);
      return limits ? { ...caller, limits } : caller;
    }),
  };
}

const budgetOf = ({ usdPerDay, usdPerMonth, jobsAtOnce }: Limits): Budget => ({
  ...(usdPerDay !== undefined && { usdPerDay }),
  ...(usdPerMonth !== undefined && { usdPerMonth }),
  ...(jobsAtOnce !== undefined && { jobsAtOnce }),
});
