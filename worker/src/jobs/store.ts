// Jobs in SQLite: what there is, what is due, and what happened. Every method runs to its end without a wait. Whatever a caller can see of a
// job changes in one place, `change`, which gives it the next number: subscribers go on from the last that they saw.

import type { ProviderId } from "luma-edge";
import type { Wanted } from "../creation/messages.js";
import { PROVIDERS } from "../env.js";
import { iso } from "../units.js";
import { isFinal, type Job, type JobState, type JobStep, newJobId } from "./job.js";
import { type Change, jobOf, type Row, RUNNING, type Running } from "./row.js";
import { KEEP_JOB, KEEP_KEY } from "./schedule.js";

/** The caller's Idempotency-Key, and what was sent with it. */
export interface SubmissionKey {
  key: string;
  hash: string;
}

export interface Submission {
  caller: string;
  provider: ProviderId;
  origin: string;
  wanted: Wanted[];
  label?: string;
  webhook?: string;
  key?: SubmissionKey;
}

export interface Filter {
  limit: number;
  /** Below this number. */
  before?: number;
  state?: JobState;
  label?: string;
}

export interface Delivery extends Record<string, SqlStorageValue> {
  n: number;
  attempts: number;
}

export class JobStore {
  constructor(
    private readonly sql: SqlStorage,
    private readonly onChange: (caller: string) => void,
  ) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS counter (seq INTEGER NOT NULL);
      INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
      CREATE TABLE IF NOT EXISTS jobs (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, caller TEXT NOT NULL, provider TEXT NOT NULL, state TEXT NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('wait', 'send', 'poll', 'keep', 'end')), due INTEGER NOT NULL, seq INTEGER NOT NULL, label TEXT,
        request TEXT NOT NULL, hash TEXT NOT NULL, fingerprint TEXT, usd REAL, webhook TEXT, origin TEXT NOT NULL, created INTEGER NOT NULL,
        updated INTEGER NOT NULL, first_sent INTEGER, last_sent INTEGER, made INTEGER, ended INTEGER, woken INTEGER NOT NULL, failures INTEGER NOT NULL,
        not_found INTEGER NOT NULL DEFAULT 0, generation_id TEXT, generation TEXT, error TEXT);
      CREATE INDEX IF NOT EXISTS jobs_changes ON jobs (caller, seq);
      CREATE INDEX IF NOT EXISTS jobs_list ON jobs (caller, n);
      CREATE INDEX IF NOT EXISTS jobs_states ON jobs (caller, state, n);
      CREATE INDEX IF NOT EXISTS jobs_labels ON jobs (caller, label, n) WHERE label IS NOT NULL;
      CREATE INDEX IF NOT EXISTS jobs_labels_states ON jobs (caller, label, state, n) WHERE label IS NOT NULL;
      CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (caller, provider, n, due) WHERE stage = 'wait';
      CREATE INDEX IF NOT EXISTS jobs_running ON jobs (caller) WHERE stage IN ('send', 'poll');
      CREATE INDEX IF NOT EXISTS jobs_send ON jobs (due) WHERE stage = 'send';
      CREATE INDEX IF NOT EXISTS jobs_poll ON jobs (provider, due) WHERE stage = 'poll';
      CREATE INDEX IF NOT EXISTS jobs_keep ON jobs (due) WHERE stage = 'keep';
      CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (updated) WHERE stage = 'end';
      CREATE TABLE IF NOT EXISTS history (job INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, detail TEXT);
      CREATE INDEX IF NOT EXISTS history_job ON history (job);
      CREATE TABLE IF NOT EXISTS submissions (
        caller TEXT, key TEXT, hash TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (caller, key)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS submissions_at ON submissions (at);
      CREATE TABLE IF NOT EXISTS deliveries (
        n INTEGER PRIMARY KEY, caller TEXT NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due);
    `);
  }

  /** What was handed over with a key, and not long ago: of the same body its jobs, of another one nothing. */
  submitted(caller: string, { key, hash }: SubmissionKey): { jobs?: Job[] } | undefined {
    this.sql.exec("DELETE FROM submissions WHERE at < ?", Date.now() - KEEP_KEY);
    const query = "SELECT hash, first, count FROM submissions WHERE caller = ? AND key = ?";
    const [known] = this.sql.exec<{ hash: string; first: number; count: number }>(query, caller, key).toArray();
    return known && (known.hash === hash ? { jobs: this.jobsFrom(known.first, known.count) } : {});
  }

  /** New jobs, in their order. */
  submit({ caller, provider, origin, wanted, label, webhook, key }: Submission): Job[] {
    const now = Date.now();
    const first = this.numbers(wanted.length);
    for (const [index, { request, hash, fingerprint, usd }] of wanted.entries()) {
      const n = first + index;
      this.sql.exec(
        `INSERT INTO jobs (n, id, caller, provider, state, stage, due, seq, label, request, hash, fingerprint, usd, webhook, origin, created, updated,
          woken, failures) VALUES (?, ?, ?, ?, 'waiting', 'wait', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
        ...[n, newJobId(), caller, provider, n, label ?? null, JSON.stringify(request), hash, fingerprint ?? null, usd ?? null],
        ...[webhook ?? null, origin, now, now],
      );
      this.addHistory(n, "submitted");
    }
    if (key) this.sql.exec("INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?)", caller, key.key, key.hash, first, wanted.length, now);
    this.onChange(caller);
    return this.jobsFrom(first, wanted.length);
  }

  /** What its caller sees of a job changes. */
  change(n: number, change: Change, event: string, detail?: string): void {
    this.set(n, { ...change, seq: this.numbers(1), updated: Date.now() });
    this.addHistory(n, event, detail);
    const query = "SELECT caller, state, webhook FROM jobs WHERE n = ?";
    const { caller, state, webhook } = this.sql.exec<Pick<Row, "caller" | "state" | "webhook">>(query, n).one();
    if (isFinal(state) && webhook !== null) this.sql.exec("INSERT OR IGNORE INTO deliveries VALUES (?, ?, 0, 0)", n, caller);
    this.onChange(caller);
  }

  /** What its caller does not see changes. */
  set(n: number, change: Change & { seq?: number; updated?: number }): void {
    const names = Object.keys(change);
    this.sql.exec(`UPDATE jobs SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE n = ?`, ...Object.values(change), n);
  }

  /** Adds to the history of a job; what is its last entry already is not added again. */
  addHistory(n: number, event: string, detail?: string, at = Date.now()): void {
    const query = "SELECT event, detail FROM history WHERE job = ? ORDER BY rowid DESC LIMIT 1";
    const [last] = this.sql.exec<{ event: string; detail: string | null }>(query, n).toArray();
    if (last?.event === event && last.detail === (detail ?? null)) return;
    this.sql.exec("INSERT INTO history VALUES (?, ?, ?, ?)", n, at, event, detail ?? null);
  }

  row(n: number): Row | undefined {
    return this.rows("n = ?", n)[0];
  }

  /** A job of the caller's. */
  find(caller: string, id: string): Row | undefined {
    return this.rows("id = ? AND caller = ?", id, caller)[0];
  }

  /** A job with its history. */
  withHistory(row: Row): Job {
    const history = this.sql
      .exec<{ at: number; event: string; detail: string | null }>(
        "SELECT at, event, detail FROM history WHERE job = ? ORDER BY rowid",
        row.n,
      )
      .toArray()
      .map(({ at, event, detail }): JobStep => ({ at: iso(at), event, ...(detail !== null && { detail }) }));
    return { ...(this.toJobs([row])[0] as Job), history };
  }

  list(caller: string, { limit, before, state, label }: Filter): Row[] {
    const where = ["caller = ?", ...(before === undefined ? [] : ["n < ?"])];
    const values: SqlStorageValue[] = [caller, ...(before === undefined ? [] : [before])];
    for (const [name, value] of Object.entries({ state, label })) {
      if (value === undefined) continue;
      where.push(`${name} = ?`);
      values.push(value);
    }
    return this.rows(`${where.join(" AND ")} ORDER BY n DESC LIMIT ?`, ...values, limit);
  }

  /** What of a caller's jobs has changed after a change, in order: each job once, as it is now. */
  changes(caller: string, after: number, limit: number): Row[] {
    return this.rows("caller = ? AND seq > ? ORDER BY seq LIMIT ?", caller, after, limit);
  }

  /** The number of the last change. */
  lastChange(): number {
    return this.sql.exec<{ seq: number }>("SELECT seq FROM counter").one().seq;
  }

  /** Rows as jobs, each waiting one with its position. */
  toJobs(rows: readonly Row[]): Job[] {
    const positions = new Map<number, number>();
    const waiting = rows.filter(({ stage }) => stage === "wait").sort((one, other) => one.n - other.n);
    let [from, position] = [0, 0];
    for (const { caller, n } of waiting) {
      const query = "SELECT count(*) AS n FROM jobs WHERE caller = ? AND state = 'waiting' AND n > ? AND n <= ?";
      position += this.sql.exec<{ n: number }>(query, caller, from, n).one().n;
      positions.set(n, position);
      from = n;
    }
    return rows.map((row) => jobOf(row, positions.get(row.n)));
  }

  /** The first of a caller's jobs that wait to be sent, and may be now. */
  nextToSend(caller: string, provider: ProviderId, now: number): Row | undefined {
    return this.rows("stage = 'wait' AND caller = ? AND provider = ? AND due <= ? ORDER BY n LIMIT 1", caller, provider, now)[0];
  }

  /** When the next of them may be sent; undefined when there is none. */
  nextSendAt(caller: string, provider: ProviderId): number | undefined {
    const query = "SELECT min(due) AS due FROM jobs WHERE stage = 'wait' AND caller = ? AND provider = ?";
    return this.sql.exec<{ due: number | null }>(query, caller, provider).one().due ?? undefined;
  }

  /** How many jobs have a place, of a caller or of all. */
  running(caller?: string): number {
    const whose = caller === undefined ? "" : " AND caller = ?";
    const query = `SELECT count(*) AS n FROM jobs WHERE stage IN ('send', 'poll')${whose}`;
    return this.sql.exec<{ n: number }>(query, ...(caller === undefined ? [] : [caller])).one().n;
  }

  /** Whether any job is at a stage where it has a place, of a caller's or of all but one. */
  isAny(stage: "send" | "poll", caller: string | undefined, but = -1): boolean {
    const whose = caller === undefined ? "" : " AND caller = ?";
    const query = `SELECT 1 FROM jobs WHERE stage IN ('send', 'poll') AND stage = ? AND n <> ?${whose} LIMIT 1`;
    return this.sql.exec(query, stage, but, ...(caller === undefined ? [] : [caller])).toArray().length > 0;
  }

  /** When a job is polled next, unless a callback woke it after it was read. */
  pollAt({ n, woken }: Running, due: number, failures: number, not_found: number): void {
    const query = "UPDATE jobs SET due = ?, failures = ?, not_found = ? WHERE n = ? AND woken = ?";
    this.sql.exec(query, due, failures, not_found, n, woken);
  }

  due(stage: "send" | "keep", now: number, most: number): Row[] {
    return this.rows(`stage = '${stage}' AND due <= ? ORDER BY due LIMIT ?`, now, most); // in the words of the index
  }

  /** Those that are to be polled, without what may be large. */
  duePolls(provider: ProviderId, now: number, most: number): Running[] {
    const query = `SELECT ${RUNNING.join(", ")} FROM jobs WHERE stage = 'poll' AND provider = ? AND due <= ? ORDER BY due LIMIT ?`;
    return this.sql.exec<Running>(query, provider, now, most).toArray();
  }

  /** Whether a caller has so many waiting jobs. */
  hasWaiting(caller: string, count: number): boolean {
    const query = "SELECT 1 FROM jobs WHERE caller = ? AND state = 'waiting' LIMIT 1 OFFSET ?";
    return this.sql.exec(query, caller, count - 1).toArray().length > 0;
  }

  /** Of each caller a few: a receiver that answers nobody delays no other caller's. */
  dueDeliveries(now: number, most: number, mostOfCaller: number): Delivery[] {
    const query = `SELECT n, attempts FROM (
      SELECT *, row_number() OVER (PARTITION BY caller ORDER BY due, n) AS place FROM deliveries WHERE due <= ?)
      WHERE place <= ? ORDER BY place, due LIMIT ?`;
    return this.sql.exec<Delivery>(query, now, mostOfCaller, most).toArray();
  }

  /** Another attempt at a webhook, or none any more. */
  setDelivery(n: number, attempts: number, due: number | undefined): void {
    if (due === undefined) this.sql.exec("DELETE FROM deliveries WHERE n = ?", n);
    else this.sql.exec("UPDATE deliveries SET attempts = ?, due = ? WHERE n = ?", attempts, due, n);
  }

  /** When the next is due after a time; undefined when nothing is. */
  nextDue(after: number): number | undefined {
    const next = (where: string) => this.sql.exec<{ due: number | null }>(`SELECT min(due) AS due FROM ${where} due > ?`, after).one();
    const stages = ["send", "keep"].map((stage) => next(`jobs WHERE stage = '${stage}' AND`));
    const polls = PROVIDERS.map((provider) => next(`jobs WHERE stage = 'poll' AND provider = '${provider}' AND`));
    const times = [...stages, ...polls, next("deliveries WHERE")].flatMap(({ due }) => due ?? []);
    return times.length ? Math.min(...times) : undefined;
  }

  /** Makes the poll of a job due now, or a second after a callback last did: the later of two may be the one about its end. */
  wake(id: string, now: number): boolean {
    const at = "max(?1, woken + 1000)";
    const query = `UPDATE jobs SET due = min(due, ${at}), woken = ${at} WHERE id = ?2 AND stage = 'poll' AND woken <= ?1 RETURNING n`;
    return this.sql.exec(query, now, id).toArray().length > 0;
  }

  /** Forgets jobs that ended long ago, some at a time; whether that were all. */
  forget(now: number): boolean {
    const query = "SELECT n FROM jobs WHERE stage = 'end' AND updated < ? LIMIT 100";
    const old = this.sql.exec<{ n: number }>(query, now - KEEP_JOB).toArray();
    for (const { n } of old) {
      this.sql.exec("DELETE FROM history WHERE job = ?", n);
      this.sql.exec("DELETE FROM jobs WHERE n = ?", n);
    }
    return old.length < 100;
  }

  /** Without what was made of them: with it, ten thousand are more than an object may answer. */
  private jobsFrom(first: number, count: number): Job[] {
    const rows: Row[] = [];
    for (const row of this.sql.exec<Row>("SELECT * FROM jobs WHERE n >= ? AND n < ? ORDER BY n", first, first + count))
      rows.push({ ...row, generation: null });
    return this.toJobs(rows);
  }

  private rows(where: string, ...values: SqlStorageValue[]): Row[] {
    return this.sql.exec<Row>(`SELECT * FROM jobs WHERE ${where}`, ...values).toArray();
  }

  /** The first of so many new numbers. */
  private numbers(count: number): number {
    return this.sql.exec<{ seq: number }>("UPDATE counter SET seq = seq + ? RETURNING seq", count).one().seq - count + 1;
  }
}
