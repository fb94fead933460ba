// What the operator is shown of jobs and money. It changes nothing.

import type { ProviderId } from "luma-edge";
import { iso } from "../units.js";
import { periods } from "./money.js";
import { ALL } from "./rows.js";

export interface ShownJob {
  /** The reservation's: what the account knows it by. */
  id: string;
  caller: string;
  provider: ProviderId;
  generation?: string;
  usd: number;
  created_at: string;
}

export interface ShownJobs {
  count: number;
  /** The oldest of them. */
  jobs: ShownJob[];
}

export interface Spent {
  usd_today: number;
  usd_month: number;
  /** Jobs that have not ended. */
  running: number;
}

export interface AccountOverview {
  day: string;
  month: string;
  total: Spent;
  /** Those that spent most this month, first. */
  callers: (Spent & { name: string })[];
  running: ShownJobs;
  /** Creations of unknown outcome. Their prices stay counted. */
  unknown: ShownJobs;
}

/** How much of each list is shown. */
const MOST = 100;

const RUNNING = "state IN ('sent', 'open')";
const UNKNOWN = "state = 'unknown'";

export function overviewOf(sql: SqlStorage, now = Date.now()): AccountOverview {
  const { day, month } = periods(now);
  const spent = sql
    .exec<{ name: string; today: number; month: number; running: number }>(
      `SELECT name, max(today) AS today, max(month) AS month, max(running) AS running FROM (
         SELECT caller AS name, CASE period WHEN ? THEN micros END AS today, CASE period WHEN ? THEN micros END AS month, 0 AS running
           FROM spent WHERE period IN (?, ?)
         UNION ALL SELECT caller, NULL, NULL, count(*) FROM jobs WHERE ${RUNNING} GROUP BY caller
       ) GROUP BY name ORDER BY name <> '', month DESC, name LIMIT ?`,
      ...[day, month, day, month, MOST + 1],
    )
    .toArray()
    .map(({ name, today, month, running }) => ({ name, usd_today: usd(today), usd_month: usd(month), running }));
  const running = shown(sql, RUNNING);
  const total = spent.find(({ name }) => name === ALL);
  return {
    day,
    month,
    total: { usd_today: total?.usd_today ?? 0, usd_month: total?.usd_month ?? 0, running: running.count },
    callers: spent.filter(({ name }) => name !== ALL),
    running,
    unknown: shown(sql, UNKNOWN),
  };
}

function shown(sql: SqlStorage, where: string): ShownJobs {
  const { count } = sql.exec<{ count: number }>(`SELECT count(*) AS count FROM jobs WHERE ${where}`).one();
  const query = `SELECT id, caller, provider, generation, micros, at FROM jobs WHERE ${where} ORDER BY at LIMIT ?`;
  const jobs = sql
    .exec<{ id: string; caller: string; provider: ProviderId; generation: string | null; micros: number; at: number }>(query, MOST)
    .toArray()
    .map(({ id, caller, provider, generation, micros, at }) => ({
      ...{ id, caller, provider, usd: usd(micros), created_at: iso(at) },
      ...(generation !== null && { generation }),
    }));
  return { count, jobs };
}

const usd = (micros: number | null): number => (micros ?? 0) / 1e6;
