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
 * Whether a job is gone: this read and those before it have not found it, though it has run for so long, in ms.
 * @param enough so many reads in a row that a minute lies between them: one of several servers, or a gateway while it is set up, may not know it
 */
export const isLost = (error: LumaError, notFound: number, enough: number, run: number): boolean =>
  isGone(error) && notFound >= enough && run > NEW_JOB_INVISIBLE;
