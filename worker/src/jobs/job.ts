// A job, as its caller sees it: the types are those of its client.

import type { JobState } from "luma-edge/jobs";
import { randomName } from "../bytes.js";

export type { Job, JobState, JobStep } from "luma-edge/jobs";

export const STATES = [
  "waiting",
  "queued",
  "dreaming",
  "completed",
  "failed",
  "cancelled",
  "unknown",
] as const satisfies readonly JobState[];

export const isFinal = (state: JobState): boolean => !["waiting", "queued", "dreaming"].includes(state);

/** A new id, which cannot be guessed. */
export const newJobId = (): string => `job_${randomName()}`;

export const isJobId = (text: string): boolean => /^job_[\w-]{22}$/.test(text);

/** The longest label, in characters. */
export const LONGEST_LABEL = 200;
