// The ledger's rows in the memory of a process: they last as long as it does.

import type { ProviderId } from "luma-edge";
import { ALL, type JobRow, type Kind, type Rows } from "./rows.js";

export class MemoryRows implements Rows {
  /** In the order in which they were made. */
  private readonly jobs = new Map<string, JobRow>();
  private readonly sums = new Map<string, { period: string; micros: number }>();
  private readonly owners = new Map<string, { caller: string; at: number }>();

  ping(): void {}

  job(id: string): JobRow | undefined {
    return this.jobs.get(id);
  }

  jobOf(provider: ProviderId, generation: string): JobRow | undefined {
    return this.find((job) => job.generation === generation && job.provider === provider && job.state !== "ended")[0];
  }

  addJob(job: JobRow): void {
    this.jobs.set(job.id, { ...job });
  }

  changeJob(id: string, change: Partial<JobRow>): void {
    const job = this.jobs.get(id);
    if (job) Object.assign(job, change);
  }

  removeJob(id: string): void {
    this.jobs.delete(id);
  }

  hasInFlightMatch(provider: ProviderId, fingerprint: string, id: string): boolean {
    return (
      this.find((job) => job.state === "sent" && job.fingerprint === fingerprint && job.provider === provider && job.id !== id).length > 0
    );
  }

  running(who: string): number {
    return this.find(({ state, caller }) => (state === "sent" || state === "open") && isOf(who, caller)).length;
  }

  madeAfter(at: number, who: string): number {
    return this.find((job) => job.at > at && isOf(who, job.caller)).length;
  }

  madeBeforeLast(count: number, at: number, who: string): number | undefined {
    return this.find((job) => job.at > at && isOf(who, job.caller)).at(-1 - count)?.at;
  }

  spent(period: string, who: string): number {
    return this.sums.get(keyOf(period, who))?.micros ?? 0;
  }

  spend(period: string, who: string, micros: number): void {
    this.sums.set(keyOf(period, who), { period, micros: this.spent(period, who) + micros });
  }

  ownerOf(provider: ProviderId, kind: Kind, id: string): string | undefined {
    return this.owners.get(keyOf(provider, kind, id))?.caller;
  }

  claim(provider: ProviderId, kind: Kind, id: string, caller: string, at: number): void {
    const key = keyOf(provider, kind, id);
    if (!this.owners.has(key)) this.owners.set(key, { caller, at });
  }

  forget({ job, owned, period }: { job: number; owned: number; period: string }): void {
    drop(this.jobs, ({ at }) => at < job);
    drop(this.owners, ({ at }) => at < owned);
    drop(this.sums, (sum) => sum.period < period);
  }

  private find(is: (job: JobRow) => boolean): JobRow[] {
    return [...this.jobs.values()].filter(is);
  }
}

const isOf = (who: string, caller: string): boolean => who === ALL || who === caller;

const keyOf = (...names: string[]): string => JSON.stringify(names);

function drop<Value>(from: Map<string, Value>, isOld: (value: Value) => boolean): void {
  for (const [key, value] of from) if (isOld(value)) from.delete(key);
}
