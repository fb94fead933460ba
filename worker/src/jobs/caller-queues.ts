// Whose job is sent next. Each caller has a queue of waiting jobs at each provider; the next job is of the caller that was served longest
// ago. A caller can be held for a time.

import type { ProviderId } from "luma-edge";
import { PROVIDERS } from "../env.js";
import type { Limits } from "../limits/limits.js";
import { KEEP_JOB } from "./schedule.js";

export type CallerQueue = { caller: string; provider: ProviderId };

/** Why a caller is held. With the end of a job, what it is held for may be there: under `jobsAtOnce`, or in the budget. */
export type HoldReason = "limit" | "concurrency" | "budget" | "backoff" | "removed";

export class CallerQueues {
  private lastServed = 0;

  constructor(private readonly sql: SqlStorage) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS callers (name TEXT PRIMARY KEY, served INTEGER NOT NULL, limits TEXT NOT NULL, near_budget INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS callers_served ON callers (served);
      CREATE TABLE IF NOT EXISTS queues (
        caller TEXT, provider TEXT, served INTEGER NOT NULL, held_until INTEGER, hold_reason TEXT, PRIMARY KEY (caller, provider)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS queues_next ON queues (provider, served) WHERE held_until IS NULL;
      CREATE INDEX IF NOT EXISTS queues_held ON queues (held_until) WHERE held_until IS NOT NULL;
    `);
  }

  /** A caller has waiting jobs at a provider: one that came now need not wait until the others are tried again. */
  join(caller: string, provider: ProviderId, limits?: Limits): void {
    if (limits) {
      const query = "INSERT INTO callers VALUES (?, 0, ?, 0) ON CONFLICT DO UPDATE SET limits = excluded.limits";
      this.sql.exec(query, caller, JSON.stringify(limits));
    }
    const query = "INSERT OR IGNORE INTO queues (caller, provider, served) SELECT name, ?, served FROM callers WHERE name = ?";
    this.sql.exec(query, provider, caller);
    const free = "UPDATE queues SET held_until = NULL, hold_reason = NULL WHERE caller = ? AND provider = ? AND hold_reason = 'backoff'";
    this.sql.exec(free, caller, provider);
  }

  /** A caller has none any more. */
  leave({ caller, provider }: CallerQueue): void {
    this.sql.exec("DELETE FROM queues WHERE caller = ? AND provider = ?", caller, provider);
  }

  /** Whether jobs wait, as far as is known. */
  isAny(): boolean {
    return this.sql.exec("SELECT 1 FROM queues LIMIT 1").toArray().length > 0;
  }

  /** Of the queues that are not held, at a provider that takes one more, the one that was served longest ago. */
  next(takesOneMore: (provider: ProviderId) => boolean): CallerQueue | undefined {
    const query = "SELECT caller, provider, served FROM queues WHERE provider = ? AND held_until IS NULL ORDER BY served LIMIT 1";
    const [next] = PROVIDERS.filter(takesOneMore)
      .flatMap((provider) => this.sql.exec<CallerQueue & { served: number }>(query, provider).toArray())
      .sort((one, other) => one.served - other.served);
    return next;
  }

  served(caller: string): void {
    this.lastServed = Math.max(this.lastServed + 1, Date.now());
    this.sql.exec("UPDATE callers SET served = ? WHERE name = ?", this.lastServed, caller);
    this.sql.exec("UPDATE queues SET served = ? WHERE caller = ?", this.lastServed, caller);
  }

  hold(caller: string, until: number, reason: HoldReason, provider?: ProviderId): void {
    const where = provider === undefined ? "" : " AND provider = ?";
    this.sql.exec(
      `UPDATE queues SET held_until = ?, hold_reason = ? WHERE caller = ?${where}`,
      until,
      reason,
      caller,
      ...(provider ? [provider] : []),
    );
  }

  /** A job of the caller's has ended: what it was held for may be there. */
  ended(caller: string): void {
    this.sql.exec(
      "UPDATE queues SET held_until = NULL, hold_reason = NULL WHERE caller = ? AND hold_reason IN ('concurrency', 'budget')",
      caller,
    );
  }

  /** A job of the caller's has given up its place. */
  freed(caller: string): void {
    this.sql.exec("UPDATE queues SET held_until = NULL, hold_reason = NULL WHERE caller = ? AND hold_reason = 'concurrency'", caller);
  }

  /** Lets go those whose time has come. */
  release(now: number): void {
    this.sql.exec("UPDATE queues SET held_until = NULL, hold_reason = NULL WHERE held_until <= ?", now);
  }

  /** Whether a caller's budget was too small just now: then its jobs are sent one at a time. */
  isNearBudget(caller: string): boolean {
    return this.sql.exec("SELECT 1 FROM callers WHERE name = ? AND near_budget", caller).toArray().length > 0;
  }

  setNearBudget(caller: string, isNear: boolean): void {
    this.sql.exec("UPDATE callers SET near_budget = ?1 WHERE name = ?2 AND near_budget <> ?1", Number(isNear), caller);
  }

  limitsOf(caller: string): Limits {
    const [row] = this.sql.exec<{ limits: string }>("SELECT limits FROM callers WHERE name = ?", caller).toArray();
    return row ? JSON.parse(row.limits) : {};
  }

  /** When the next queue is let go; undefined where none is held. */
  nextRelease(): number | undefined {
    const query = "SELECT min(held_until) AS at FROM queues WHERE held_until IS NOT NULL";
    return this.sql.exec<{ at: number | null }>(query).one().at ?? undefined;
  }

  /** Forgets callers that have handed nothing over for long. */
  forget(now: number): void {
    const query = `DELETE FROM callers WHERE name IN (SELECT name FROM callers WHERE served < ? AND NOT EXISTS (
      SELECT 1 FROM queues WHERE caller = name) LIMIT 100)`;
    this.sql.exec(query, now - KEEP_JOB);
  }
}
