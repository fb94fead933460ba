// Who made what, what runs, and what was spent, in SQLite. Every method runs to its end without a wait, so no other request comes between
// a check and what follows from it: that is why a budget is exact however many creations come at once.

import type { ProviderId } from "luma-edge";
import type { RefusalData } from "../refusal.js";
import type { Limits } from "./limits.js";
import { dollars, micros, periods } from "./money.js";

export interface Reservation {
  /** Its own: asked for twice it counts once. */
  id: string;
  caller: string;
  provider: ProviderId;
  /** Absent where no price is known. */
  usd?: number;
  limits: Limits;
  /** Of all callers together. */
  total: Limits;
  /** What the provider's list would show of it: two creations that look alike must not be in doubt at once. */
  looks?: string;
}

/** What callers own: each is known by its provider's id. */
export type Kind = "generation" | "file";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** How long a job is known: longer than any runs, is looked for, or is given back. What was spent on it stays. */
const JOB = 8 * DAY;
/** How long it is known whose a generation or a file is. */
const OWNED = 366 * DAY;

/** `''` is all callers together. */
export const ALL = "";

export class Ledger {
  constructor(
    private readonly sql: SqlStorage,
    private readonly now: () => number = Date.now,
  ) {
    // `sent`: on its way, or being looked for. `open`: its job runs. `unknown`: it may have been made, and keeps its price.
    sql.exec(`
      CREATE TABLE IF NOT EXISTS jobs (
        id TEXT PRIMARY KEY, caller TEXT NOT NULL, provider TEXT NOT NULL, generation TEXT,
        state TEXT NOT NULL CHECK (state IN ('sent', 'open', 'unknown', 'ended')),
        micros INTEGER NOT NULL, at INTEGER NOT NULL, looks TEXT) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS jobs_running ON jobs (caller) WHERE state IN ('sent', 'open');
      CREATE INDEX IF NOT EXISTS jobs_sent ON jobs (looks) WHERE state = 'sent';
      CREATE INDEX IF NOT EXISTS jobs_unknown ON jobs (at) WHERE state = 'unknown';
      CREATE INDEX IF NOT EXISTS jobs_at ON jobs (at);
      CREATE INDEX IF NOT EXISTS jobs_generation ON jobs (provider, generation);
      CREATE TABLE IF NOT EXISTS spent (period TEXT, caller TEXT, micros INTEGER NOT NULL, PRIMARY KEY (period, caller)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS owned (
        provider TEXT, kind TEXT, id TEXT, caller TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (provider, kind, id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS owned_at ON owned (at);
    `);
  }

  /** Whether a creation that looks like this one is on its way, or being looked for. */
  hasTwin({ id, provider, looks }: Pick<Reservation, "id" | "provider" | "looks">): boolean {
    const query = "SELECT 1 FROM jobs WHERE state = 'sent' AND looks = ? AND provider = ? AND id <> ? LIMIT 1";
    return looks !== undefined && this.sql.exec(query, looks, provider, id).toArray().length > 0;
  }

  /** Takes a place and the price out of the budget; what forbids it, if anything does. */
  reserve({ id, caller, provider, usd, limits, total, looks }: Reservation): RefusalData | undefined {
    if (this.sql.exec("SELECT 1 FROM jobs WHERE id = ?", id).toArray().length) return undefined;
    const now = this.now();
    this.forget(now);
    const price = micros(usd) ?? micros(limits.usdUnpriced ?? total.usdUnpriced);
    for (const [who, its, whose] of [
      [caller, limits, "this caller"],
      [ALL, total, "this server"],
    ] as const) {
      const refused = this.crowded(who, its, whose, now) ?? this.tooDear(who, its, whose, price, now);
      if (refused) return refused;
    }
    const row = [id, caller, provider, price ?? 0, now, looks ?? null];
    this.sql.exec("INSERT INTO jobs VALUES (?, ?, ?, NULL, 'sent', ?, ?, ?)", ...row);
    this.spend(caller, price ?? 0, now);
    return undefined;
  }

  /** What nothing asks for any more. Of what was spent the month of the oldest job stays, with its days: it may be given back. */
  private forget(now: number): void {
    this.sql.exec("DELETE FROM jobs WHERE at < ?", now - JOB);
    this.sql.exec("DELETE FROM owned WHERE at < ?", now - OWNED);
    this.sql.exec("DELETE FROM spent WHERE period < ?", periods(now - JOB).month);
  }

  /** The creation has become a job. */
  started(id: string, generation: string): void {
    const query = "UPDATE jobs SET generation = ?, state = 'open' WHERE id = ? AND state IN ('sent', 'unknown') RETURNING provider, caller";
    const [job] = this.sql.exec<{ provider: ProviderId; caller: string }>(query, generation, id).toArray();
    if (!job) return;
    // At useapi a job may be several, and each of them is read by itself.
    for (const part of new Set([generation, ...generation.split(",")])) this.claim(job.provider, "generation", part, job.caller);
  }

  /** A job has ended; one whose money the provider gives back costs nothing. */
  ended(provider: ProviderId, generation: string, refunded: boolean): void {
    const [job] = this.sql
      .exec<{ id: string }>("SELECT id FROM jobs WHERE provider = ? AND generation = ? AND state <> 'ended'", provider, generation)
      .toArray();
    if (!job) return;
    if (refunded) this.giveBack(job.id);
    this.sql.exec("UPDATE jobs SET state = 'ended' WHERE id = ?", job.id);
  }

  /** Nothing was made. */
  release(id: string): void {
    this.giveBack(id);
    this.sql.exec("DELETE FROM jobs WHERE id = ?", id);
  }

  /** Nobody knows whether it was made: it keeps its price and gives up its place. */
  unknown(id: string): void {
    this.sql.exec("UPDATE jobs SET state = 'unknown' WHERE id = ? AND state = 'sent'", id);
  }

  claim(provider: ProviderId, kind: Kind, id: string, caller: string): void {
    this.sql.exec("INSERT OR IGNORE INTO owned VALUES (?, ?, ?, ?, ?)", provider, kind, id, caller, this.now());
  }

  /** Those of these ids that are the caller's; without a caller, anyone's. */
  owned(provider: ProviderId, kind: Kind, ids: readonly string[], caller?: string): string[] {
    const query = "SELECT caller FROM owned WHERE provider = ? AND kind = ? AND id = ?";
    return ids.filter((id) => {
      const [row] = this.sql.exec<{ caller: string }>(query, provider, kind, id).toArray();
      return row !== undefined && (caller === undefined || row.caller === caller);
    });
  }

  private crowded(who: string, { jobsAtOnce, jobsPerMinute }: Limits, whose: string, now: number): RefusalData | undefined {
    if (jobsAtOnce !== undefined && this.count("state IN ('sent', 'open')", who) >= jobsAtOnce)
      return tooMany(`Too many concurrent jobs: ${whose} may have ${jobsAtOnce} at once.`, 5);
    if (jobsPerMinute !== undefined && this.count("at > ?", who, now - MINUTE) >= jobsPerMinute)
      return tooMany(`Too many creations: ${whose} may make ${jobsPerMinute} a minute.`, this.untilOneLeaves(who, jobsPerMinute, now));
    return undefined;
  }

  private count(where: string, who: string, ...values: number[]): number {
    const whose = who === ALL ? "" : " AND caller = ?";
    const given = who === ALL ? values : [...values, who];
    return this.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM jobs WHERE ${where}${whose}`, ...given).one().n;
  }

  /** In s: when so many of the last minute are fewer than the limit again. */
  private untilOneLeaves(who: string, limit: number, now: number): number {
    if (limit < 1) return 60;
    const query = "SELECT at FROM jobs WHERE at > ? AND (? = '' OR caller = ?) ORDER BY at DESC LIMIT 1 OFFSET ?";
    const [last] = this.sql.exec<{ at: number }>(query, now - MINUTE, who, who, Math.floor(limit) - 1).toArray();
    return Math.max(1, Math.ceil(((last?.at ?? now) + MINUTE - now) / 1000));
  }

  private tooDear(
    who: string,
    { usdPerDay, usdPerMonth }: Limits,
    whose: string,
    price: number | undefined,
    now: number,
  ): RefusalData | undefined {
    const { day, month } = periods(now);
    for (const [period, usd, name] of [
      [day, usdPerDay, "day"],
      [month, usdPerMonth, "month"],
    ] as const) {
      const budget = micros(usd);
      if (budget === undefined) continue;
      if (price === undefined) {
        const message = `No price is known for this request, and ${whose} has a budget: usdUnpriced would say what such a job counts as.`;
        return { status: 422, code: "price_unknown", message };
      }
      const spent = this.spent(period, who);
      if (spent + price > budget) {
        // What all have spent is no caller's business.
        const left = who === ALL ? "" : `, and ${dollars(Math.max(0, budget - spent))} is left`;
        return {
          status: 402,
          code: "budget",
          message: `The budget of ${whose} for this ${name} is too small: this costs ${dollars(price)}${left}.`,
        };
      }
    }
    return undefined;
  }

  private spent(period: string, who: string): number {
    const [row] = this.sql.exec<{ micros: number }>("SELECT micros FROM spent WHERE period = ? AND caller = ?", period, who).toArray();
    return row?.micros ?? 0;
  }

  private spend(caller: string, micros: number, at: number): void {
    const { day, month } = periods(at);
    for (const period of [day, month]) {
      for (const who of [caller, ALL]) {
        const query = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET micros = micros + excluded.micros";
        this.sql.exec(query, period, who, micros);
      }
    }
  }

  /** Back into the periods that it was taken from. */
  private giveBack(id: string): void {
    const [job] = this.sql
      .exec<{ caller: string; micros: number; at: number }>("SELECT caller, micros, at FROM jobs WHERE id = ? AND state <> 'ended'", id)
      .toArray();
    if (job) this.spend(job.caller, -job.micros, job.at);
    this.sql.exec("UPDATE jobs SET micros = 0 WHERE id = ?", id);
  }
}

const tooMany = (message: string, retryAfter: number): RefusalData => ({ status: 429, code: "limit", message, retryAfter });
