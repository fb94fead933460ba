// Whether a job is over at its provider, by what a read of it gave.

import type { Generation, LumaError } from "luma-edge";
import { MINUTE } from "../units.js";

/** A provider may not find a job that was just made. */
const NEW_JOB_INVISIBLE = MINUTE;

export const hasEnded = ({ state }: Generation): boolean => state === "completed" || state === "failed";

/** Whether the provider does not know the job, or not any more. */
export const isGone = ({ code }: LumaError): boolean => code === "not_found" || code === "gone";

/** Whether the provider gives the money back. */
export const isRefunded = (generation: Generation | undefined): boolean => generation?.failure?.refunded ?? false;

/**
 * Whether a job is gone. One of several servers, or a gateway that is being set up, may not know a job for a while: so reads over a whole
 * minute must not have found it.
 * @param notFound how many reads in a row have not found it, this one included
 * @param readsUntilGone how many span a minute, as its caller reads
 * @param run for how long the job has run, in ms
 */
export const isLost = (error: LumaError, notFound: number, readsUntilGone: number, run: number): boolean =>
  isGone(error) && notFound >= readsUntilGone && run > NEW_JOB_INVISIBLE;
