// The ledger's rows in the SQLite of a Durable Object.

import type { ProviderId } from "luma-edge";
import { ALL, type JobRow, type Kind, type Rows } from "./rows.js";

const RUNNING = "state IN ('sent', 'open')";

export class SqlRows implements Rows {
  constructor(private readonly sql: SqlStorage) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS jobs (
        id TEXT PRIMARY KEY, caller TEXT NOT NULL, provider TEXT NOT NULL, generation TEXT,
        state TEXT NOT NULL CHECK (state IN ('sent', 'open', 'unknown', 'ended')),
        micros INTEGER NOT NULL, at INTEGER NOT NULL, fingerprint TEXT) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS jobs_running ON jobs (caller) WHERE ${RUNNING};
      CREATE INDEX IF NOT EXISTS jobs_sent ON jobs (fingerprint) WHERE state = 'sent';
      CREATE INDEX IF NOT EXISTS jobs_unknown ON jobs (at) WHERE state = 'unknown';
      CREATE INDEX IF NOT EXISTS jobs_at ON jobs (at);
      CREATE INDEX IF NOT EXISTS jobs_generation ON jobs (provider, generation);
      CREATE TABLE IF NOT EXISTS spent (period TEXT, caller TEXT, micros INTEGER NOT NULL, PRIMARY KEY (period, caller)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS owned (
        provider TEXT, kind TEXT, id TEXT, caller TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (provider, kind, id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS owned_at ON owned (at);
    `);
  }

  ping(): void {
    this.sql.exec("SELECT 1 FROM owned LIMIT 1");
  }

  job(id: string): JobRow | undefined {
    return this.first("SELECT * FROM jobs WHERE id = ?", id);
  }

  jobOf(provider: ProviderId, generation: string): JobRow | undefined {
    return this.first("SELECT * FROM jobs WHERE provider = ? AND generation = ? AND state <> 'ended'", provider, generation);
  }

  addJob({ id, caller, provider, generation, state, micros, at, fingerprint }: JobRow): void {
    this.sql.exec("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", id, caller, provider, generation, state, micros, at, fingerprint);
  }

  changeJob(id: string, { generation, state, micros }: Partial<JobRow>): void {
    const query =
      "UPDATE jobs SET generation = coalesce(?, generation), state = coalesce(?, state), micros = coalesce(?, micros) WHERE id = ?";
    this.sql.exec(query, generation ?? null, state ?? null, micros ?? null, id);
  }

  removeJob(id: string): void {
    this.sql.exec("DELETE FROM jobs WHERE id = ?", id);
  }

  hasInFlightMatch(provider: ProviderId, fingerprint: string, id: string): boolean {
    const query = "SELECT 1 FROM jobs WHERE state = 'sent' AND fingerprint = ? AND provider = ? AND id <> ? LIMIT 1";
    return this.first(query, fingerprint, provider, id) !== undefined;
  }

  running(who: string): number {
    return this.count(RUNNING, who);
  }

  madeAfter(at: number, who: string): number {
    return this.count("at > ?", who, at);
  }

  madeBeforeLast(count: number, at: number, who: string): number | undefined {
    const query = "SELECT at FROM jobs WHERE at > ? AND (? = '' OR caller = ?) ORDER BY at DESC LIMIT 1 OFFSET ?";
    return this.first<{ at: number }>(query, at, who, who, count)?.at;
  }

  spent(period: string, who: string): number {
    return this.first<{ micros: number }>("SELECT micros FROM spent WHERE period = ? AND caller = ?", period, who)?.micros ?? 0;
  }

  spend(period: string, who: string, micros: number): void {
    const query = "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET micros = micros + excluded.micros";
    this.sql.exec(query, period, who, micros);
  }

  ownerOf(provider: ProviderId, kind: Kind, id: string): string | undefined {
    const query = "SELECT caller FROM owned WHERE provider = ? AND kind = ? AND id = ?";
    return this.first<{ caller: string }>(query, provider, kind, id)?.caller;
  }

  claim(provider: ProviderId, kind: Kind, id: string, caller: string, at: number): void {
    this.sql.exec("INSERT OR IGNORE INTO owned VALUES (?, ?, ?, ?, ?)", provider, kind, id, caller, at);
  }

  forget({ job, owned, period }: { job: number; owned: number; period: string }): void {
    this.sql.exec("DELETE FROM jobs WHERE at < ?", job);
    this.sql.exec("DELETE FROM owned WHERE at < ?", owned);
    this.sql.exec("DELETE FROM spent WHERE period < ?", period);
  }

  private count(where: string, who: string, ...values: number[]): number {
    const whose = who === ALL ? "" : " AND caller = ?";
    const given = who === ALL ? values : [...values, who];
    return this.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM jobs WHERE ${where}${whose}`, ...given).one().n;
  }

  private first<Row = JobRow>(query: string, ...values: (string | number)[]): Row | undefined {
    return this.sql.exec(query, ...values).toArray()[0] as Row | undefined;
  }
}
