// Who made what, what runs, and what was spent. Every method runs to its end without a wait, so no other request comes between
// a check and what follows from it: that is why a budget is exact however many creations come at once.

import type { ProviderId } from "luma-edge";
import type { RefusalData } from "../refusal.js";
import { DAY, MINUTE } from "../units.js";
import type { Limits } from "./limits.js";
import { dollars, micros, periods } from "./money.js";
import { ALL, type Kind, type Rows } from "./rows.js";

/** A creation whose job is not known. */
export interface Doubtful {
  id: string;
  provider: ProviderId;
  /** What the provider's list would show of it: two creations that look alike must not be in doubt at once. */
  fingerprint?: string;
}

export interface Reservation extends Doubtful {
  /** Its own: asked for twice it counts once. */
  id: string;
  caller: string;
  /** Absent where no price is known. */
  usd?: number;
  limits: Limits;
  /** Of all callers together. */
  total: Limits;
}

/** How long a job is known: longer than any runs, is looked for, or is given back. What was spent on it stays. */
const JOB = 8 * DAY;
/** How long it is known whose a generation or a file is. */
const OWNED = 366 * DAY;

export class Ledger {
  constructor(
    private readonly rows: Rows,
    private readonly now: () => number = Date.now,
  ) {}

  /** Throws where its rows do not answer. */
  ping(): void {
    this.rows.ping();
  }

  /** Whether a creation with this fingerprint is on its way, or being looked for. */
  hasInFlightMatch({ id, provider, fingerprint }: Doubtful): boolean {
    return fingerprint !== undefined && this.rows.hasInFlightMatch(provider, fingerprint, id);
  }

  /** Takes a place and the price out of the budget; what forbids it, if anything does. */
  reserve({ id, caller, provider, usd, limits, total, fingerprint }: Reservation): RefusalData | undefined {
    if (this.rows.job(id)) return undefined;
    const now = this.now();
    // Of what was spent the month of the oldest job stays, with its days: it may be given back.
    this.rows.forget({ job: now - JOB, owned: now - OWNED, period: periods(now - JOB).month });
    const price = micros(usd) ?? micros(limits.usdUnpriced ?? total.usdUnpriced);
    for (const [who, its, whose] of [
      [caller, limits, "this caller"],
      [ALL, total, "this server"],
    ] as const) {
      const refused = this.overLimit(who, its, whose, now) ?? this.overBudget(who, its, whose, price, now);
      if (refused) return who === ALL ? { ...refused, ofAll: true } : refused;
    }
    this.rows.addJob({
      id,
      caller,
      provider,
      generation: null,
      state: "sent",
      micros: price ?? 0,
      at: now,
      fingerprint: fingerprint ?? null,
    });
    this.spend(caller, price ?? 0, now);
    return undefined;
  }

  /** The creation has become a job. */
  started(id: string, generation: string): void {
    const job = this.rows.job(id);
    if (job?.state !== "sent" && job?.state !== "unknown") return;
    this.rows.changeJob(id, { generation, state: "open" });
    // At useapi a job may be several, and each of them is read by itself.
    for (const part of new Set([generation, ...generation.split(",")])) this.claim(job.provider, "generation", part, job.caller);
  }

  /** A job has ended; one whose money the provider gives back costs nothing. */
  ended(provider: ProviderId, generation: string, refunded: boolean): void {
    const job = this.rows.jobOf(provider, generation);
    if (!job) return;
    if (refunded) this.giveBack(job.id);
    this.rows.changeJob(job.id, { state: "ended" });
  }

  /** Nothing was made. */
  release(id: string): void {
    this.giveBack(id);
    this.rows.removeJob(id);
  }

  /** Whether it was made is unknown: it keeps its price and gives up its place. */
  unknown(id: string): void {
    if (this.rows.job(id)?.state === "sent") this.rows.changeJob(id, { state: "unknown" });
  }

  /** One that is unknown is looked for again: until that ends it is on its way, as for those that look alike. */
  search(id: string): undefined {
    if (this.rows.job(id)?.state === "unknown") this.rows.changeJob(id, { state: "sent" });
  }

  claim(provider: ProviderId, kind: Kind, id: string, caller: string): void {
    this.rows.claim(provider, kind, id, caller, this.now());
  }

  /** Those of these ids that are the caller's; without a caller, anyone's. */
  owned(provider: ProviderId, kind: Kind, ids: readonly string[], caller?: string): string[] {
    return ids.filter((id) => {
      const owner = this.rows.ownerOf(provider, kind, id);
      return owner !== undefined && (caller === undefined || owner === caller);
    });
  }

  private overLimit(who: string, { jobsAtOnce, jobsPerMinute }: Limits, whose: string, now: number): RefusalData | undefined {
    if (jobsAtOnce !== undefined && this.rows.running(who) >= jobsAtOnce)
      return tooMany(`Too many concurrent jobs: ${whose} may have ${jobsAtOnce} at once.`, 5);
    if (jobsPerMinute !== undefined && this.rows.madeAfter(now - MINUTE, who) >= jobsPerMinute)
      return tooMany(`Too many creations: ${whose} may make ${jobsPerMinute} a minute.`, this.untilOneLeaves(who, jobsPerMinute, now));
    return undefined;
  }

  /** In s: when so many of the last minute are fewer than the limit again. */
  private untilOneLeaves(who: string, limit: number, now: number): number {
    if (limit < 1) return 60;
    const last = this.rows.madeBeforeLast(Math.floor(limit) - 1, now - MINUTE, who);
    return Math.max(1, Math.ceil(((last ?? now) + MINUTE - now) / 1000));
  }

  private overBudget(
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
      const spent = this.rows.spent(period, who);
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

  private spend(caller: string, micros: number, at: number): void {
    const { day, month } = periods(at);
    for (const period of [day, month]) for (const who of [caller, ALL]) this.rows.spend(period, who, micros);
  }

  /** Back into the periods that it was taken from. */
  private giveBack(id: string): void {
    const job = this.rows.job(id);
    if (job && job.state !== "ended") this.spend(job.caller, -job.micros, job.at);
    this.rows.changeJob(id, { micros: 0 });
  }
}

const tooMany = (message: string, retryAfter: number): RefusalData => ({ status: 429, code: "limit", message, retryAfter });
