// A job as it is stored, and as its caller sees it.

import type { Generation, ProviderId } from "luma-edge";
import type { Failure } from "../creation/messages.js";
import { iso } from "../units.js";
import type { Job, JobState } from "./job.js";

/**
 * What is to be done for a job:
 *
 *     stage   wait ⇄ send → poll → keep → end      (from each of them a job can come to its end)
 *     state   waiting       queued, dreaming       completed, failed, cancelled, unknown
 */
export type Stage = "wait" | "send" | "poll" | "keep" | "end";

/** A job as it is stored. Times are ms, JSON is text. */
export type Row = {
  /** The order of arrival. */
  n: number;
  id: string;
  caller: string;
  provider: ProviderId;
  state: JobState;
  stage: Stage;
  /** When its stage is done next. */
  due: number;
  /** The number of its last change. */
  seq: number;
  label: string | null;
  request: string;
  hash: string;
  fingerprint: string | null;
  usd: number | null;
  webhook: string | null;
  /** Of the request that handed it over. */
  origin: string;
  created: number;
  updated: number;
  /** When it was first sent, last sent, made, and had ended at the provider. */
  first_sent: number | null;
  last_sent: number | null;
  made: number | null;
  ended: number | null;
  /** For when a callback last woke it. */
  woken: number;
  /** Failures in a row, in its stage. */
  failures: number;
  /** How often in a row the provider did not know it. */
  not_found: number;
  /** The provider's id for it. */
  generation_id: string | null;
  generation: string | null;
  error: string | null;
};

/** What of a job its polls need. */
export const RUNNING = [
  "n",
  "id",
  "caller",
  "provider",
  "state",
  "usd",
  "due",
  "made",
  "woken",
  "failures",
  "not_found",
  "generation_id",
] as const;
export type Running = Pick<Row, (typeof RUNNING)[number]>;

/** What of a job may change. */
export type Change = Partial<Omit<Row, "n" | "id" | "caller" | "provider" | "seq" | "updated">>;

/**
 * The largest generation that is kept with the provider's own answer in it, in characters: a row holds 2 MB, in which a character may have
 * three bytes, and a page of the list has a hundred jobs.
 */
const LARGEST_GENERATION = 250_000;

/** A job as its caller sees it, without its history. */
export function jobOf(row: Row, position?: number): Job {
  const { id, provider, state, label, usd, generation, error } = row;
  const { callback_secret: _, ...request } = JSON.parse(row.request);
  return {
    id,
    provider,
    state,
    ...(label !== null && { label }),
    request,
    created_at: iso(row.created),
    updated_at: iso(row.updated),
    ...(position !== undefined && { position }),
    ...(usd !== null && { usd }),
    ...(generation !== null && { generation: JSON.parse(generation) as Generation }),
    ...(error !== null && { error: JSON.parse(error) as Failure }),
  };
}

/** A generation as it is stored; one that is too large, without `raw` and `request`. */
export function stored(generation: Generation): string {
  const text = JSON.stringify(generation);
  return text.length <= LARGEST_GENERATION ? text : JSON.stringify({ ...generation, raw: {}, request: {} });
}
