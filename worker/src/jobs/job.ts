// A job, as its caller sees it.

import type { Generation, ProviderId } from "luma-edge";
import { randomName } from "../bytes.js";
import type { Failure } from "../creation/order.js";

/**
 * `waiting`: not sent yet. `queued`, `dreaming`: as the provider's generation. `completed`: made, and its results are kept. `failed`: the
 * provider failed or refused it, or a budget does. `cancelled`: withdrawn before it was sent. `unknown`: it may have been made and charged,
 * and nobody can tell; it is never sent again.
 */
export type JobState = "waiting" | "queued" | "dreaming" | "completed" | "failed" | "cancelled" | "unknown";

export const STATES: readonly JobState[] = ["waiting", "queued", "dreaming", "completed", "failed", "cancelled", "unknown"];

export const isFinal = (state: JobState): boolean => ["completed", "failed", "cancelled", "unknown"].includes(state);

/** A step of a job's history. */
export interface Step {
  at: string;
  event: string;
  detail?: string;
}

export interface Job {
  /** `job_` and 22 characters. */
  id: string;
  provider: ProviderId;
  state: JobState;
  label?: string;
  request: Record<string, unknown>;
  /** ISO 8601. */
  created_at: string;
  updated_at: string;
  /** Of a waiting job, among its caller's waiting ones, from 1. */
  position?: number;
  /** What it counts against the budget. */
  usd?: number;
  /** Once the provider accepted it. */
  generation?: Generation;
  /** Of an unknown job, and of a failed one without a generation. The codes are those of `LumaError` where one fits. */
  error?: Failure;
  /** Of one job that is asked for by its id. */
  history?: Step[];
}

/** A new id, which nobody can guess. */
export const newJobId = (): string => `job_${randomName()}`;

export const isJobId = (text: string): boolean => /^job_[\w-]{22}$/.test(text);

/** The longest label, in characters. */
export const LONGEST_LABEL = 200;
