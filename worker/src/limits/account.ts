// The one object that every request passes: it knows callers, money and ownership, and nothing of providers or HTTP.

import { DurableObject } from "cloudflare:workers";
import type { ProviderId } from "luma-edge";
import type { Env } from "../env.js";
import type { RefusalData } from "../refusal.js";
import { Condition } from "./condition.js";
import { type ErrorEntry, Errors } from "./errors.js";
import { type Doubtful, Ledger, type Reservation } from "./ledger.js";
import type { Limits } from "./limits.js";
import { type AccountOverview, overviewOf } from "./overview.js";
import type { Kind, Rows } from "./rows.js";
import { SqlRows } from "./sql-rows.js";
import { type Taken, UploadQuota } from "./uploads.js";
import { RequestWindow } from "./window.js";

/** How long a creation waits for one with the same fingerprint, in ms. */
const LONGEST_WAIT = 10_000;

const FORGOTTEN =
  "This server does not know whose generation that is. It forgets with each restart, and what another process of it made, it does not know.";

/** What of a request has to be the caller's own. */
export interface Own {
  kind: Kind;
  ids: string[];
  /** Whether it is only read. */
  read?: boolean;
}

/** The Durable Object of limits, budgets and ownership: for the binding `ACCOUNT`. */
export class Account extends DurableObject<Env> {
  private readonly ledger: Ledger;
  private readonly requests = new RequestWindow();
  private readonly settled = new Condition();
  /** Reservations that wait for another one to be settled. */
  private readonly waiting = new Set<string>();
  private readonly errors: Errors;
  private uploadQuota: UploadQuota | undefined;

  /** @param rows where there is no SQLite */
  constructor(ctx: DurableObjectState, env: Env, rows: Rows = new SqlRows(ctx.storage.sql)) {
    super(ctx, env);
    this.ledger = new Ledger(rows);
    this.errors = new Errors(ctx.storage);
  }

  /** Whether its storage answers. */
  ping(): void {
    this.ledger.ping();
  }

  /** Lets a request in, or says why not. */
  enter(caller: string, perMinute: { caller?: number; total?: number }, provider?: ProviderId, own: Own[] = []): RefusalData | undefined {
    const wait = this.requests.enter([
      [`caller:${caller}`, perMinute.caller],
      ["total", perMinute.total],
    ]);
    if (wait !== undefined) return { status: 429, code: "limit", message: "Too many requests in a minute.", retryAfter: wait };
    for (const { kind, ids, read } of provider ? own : []) {
      if (this.ledger.owned(provider as ProviderId, kind, ids, caller).length === ids.length) continue;
      // In the same words as for one that does not exist: whether another caller has it is that caller's business.
      if (!read || !this.env.FORGETS) return { status: 404, code: "not_found", message: `There is no such ${kind}.` };
      // A 404 would end the wait for a job that another process made, or this one before it was restarted.
      return { status: 503, code: "try_again", message: FORGOTTEN, retryAfter: 5 };
    }
    return undefined;
  }

  /** Takes a place and the price; what forbids it, if anything does. */
  reserve(reservation: Reservation): Promise<RefusalData | undefined> {
    return this.alone(reservation, () => this.ledger.reserve(reservation));
  }

  /** A creation of unknown outcome is looked for again; what forbids it, if anything does. */
  search(lost: Doubtful): Promise<RefusalData | undefined> {
    return this.alone(lost, () => this.ledger.search(lost.id));
  }

  /** Begins once no creation with the same fingerprint is on its way. */
  private async alone(creation: Doubtful, begin: () => RefusalData | undefined): Promise<RefusalData | undefined> {
    const { id } = creation;
    const until = Date.now() + LONGEST_WAIT;
    this.waiting.add(id);
    try {
      while (this.ledger.hasInFlightMatch(creation)) {
        if (Date.now() >= until) return tryAgain("The same request is being sent already, and its answer is not there yet.");
        await this.settled.wait(until - Date.now());
        // Its creation was cut off, and would never give back what is taken now.
        if (!this.waiting.has(id)) return tryAgain("This creation was given up meanwhile.");
      }
      return this.ctx.storage.transactionSync(begin);
    } finally {
      this.waiting.delete(id);
    }
  }

  started(id: string, generation: string): void {
    this.ctx.storage.transactionSync(() => this.ledger.started(id, generation));
    this.settled.notifyAll();
  }

  ended(provider: ProviderId, generations: { id: string; refunded: boolean }[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const { id, refunded } of generations) this.ledger.ended(provider, id, refunded);
    });
  }

  release(id: string): void {
    this.waiting.delete(id);
    this.ctx.storage.transactionSync(() => this.ledger.release(id));
    this.settled.notifyAll();
  }

  unknown(id: string): void {
    this.ledger.unknown(id);
    this.settled.notifyAll();
  }

  takeUpload(caller: string, bytes: number, limits: Limits, total: Limits): Taken {
    return this.ctx.storage.transactionSync(() => this.uploads.take(caller, bytes, limits, total));
  }

  giveBackUpload(caller: string, bytes: number, day: string): void {
    this.ctx.storage.transactionSync(() => this.uploads.giveBack(caller, bytes, day));
  }

  claim(provider: ProviderId, kind: Kind, id: string, caller: string): void {
    this.ledger.claim(provider, kind, id, caller);
  }

  owned(provider: ProviderId, kind: Kind, ids: string[], caller?: string): string[] {
    return this.ledger.owned(provider, kind, ids, caller);
  }

  /** In SQLite alone: where there is none, nothing is handed over. */
  private get uploads(): UploadQuota {
    return (this.uploadQuota ??= new UploadQuota(this.ctx.storage.sql));
  }

  /** Keeps an error for the operator. */
  report(error: Omit<ErrorEntry, "at" | "times">): Promise<void> {
    return this.errors.add(error);
  }

  /** What the operator is shown. */
  async overview(): Promise<AccountOverview & { errors: ErrorEntry[] }> {
    return { ...overviewOf(this.ctx.storage.sql), errors: await this.errors.list() };
  }
}

export type AccountStub = DurableObjectStub<Account>;

/** One key, one account, one object. */
export const accountOf = (env: Env): AccountStub => env.ACCOUNT.get(env.ACCOUNT.idFromName("account"));

/** What {@link Account.enter} counts a request against. */
export const perMinuteOf = (caller: Limits, total: Limits): { caller?: number; total?: number } => ({
  ...(caller.requestsPerMinute !== undefined && { caller: caller.requestsPerMinute }),
  ...(total.requestsPerMinute !== undefined && { total: total.requestsPerMinute }),
});

const tryAgain = (message: string): RefusalData => ({ status: 429, code: "try_again", message, retryAfter: 2 });
