// What the ledger writes down, wherever it is kept: single rows, no decisions. `who` is a caller, or `ALL`.

import type { ProviderId } from "luma-edge";

/** All callers together. */
export const ALL = "";

/** What callers own: each is known by its provider's id. */
export type Kind = "generation" | "file";

export interface JobRow {
  id: string;
  caller: string;
  provider: ProviderId;
  generation: string | null;
  /** `sent`: on its way, or being looked for. `open`: its job runs. `unknown`: it may have been made, and keeps its price. */
  state: "sent" | "open" | "unknown" | "ended";
  micros: number;
  at: number;
  fingerprint: string | null;
}

export interface Rows {
  /** Throws where it does not answer. */
  ping(): void;

  job(id: string): JobRow | undefined;
  /** The one with this generation that has not ended. */
  jobOf(provider: ProviderId, generation: string): JobRow | undefined;
  addJob(job: JobRow): void;
  changeJob(id: string, change: Partial<Pick<JobRow, "generation" | "state" | "micros">>): void;
  removeJob(id: string): void;
  /** Whether another one with this fingerprint is on its way. */
  hasInFlightMatch(provider: ProviderId, fingerprint: string, id: string): boolean;
  /** How many are on their way or run. */
  running(who: string): number;
  /** How many were made after that. */
  madeAfter(at: number, who: string): number;
  /** When the one was made that this many later ones follow; undefined for one from before. */
  madeBeforeLast(count: number, at: number, who: string): number | undefined;

  spent(period: string, who: string): number;
  spend(period: string, who: string, micros: number): void;

  ownerOf(provider: ProviderId, kind: Kind, id: string): string | undefined;
  /** The first caller owns it. */
  claim(provider: ProviderId, kind: Kind, id: string, caller: string, at: number): void;

  /** Drops jobs and owners from before a time, and what was spent before a period. */
  forget(before: { job: number; owned: number; period: string }): void;
}
