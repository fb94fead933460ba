// Whether a job is over at its provider, by what a read of it gave.

import type { Generation, LumaError } from "luma-edge";
import { MINUTE } from "../units.js";

/** A provider may not find a job that was just made. */
const NEW_JOB_INVISIBLE = MINUTE;
/** How often a job must not be found, in a row, to be gone. */
const NOT_FOUND = 3;

export const hasEnded = ({ state }: Generation): boolean => state === "completed" || state === "failed";

/** Whether the provider does not know the job, or not any more. */
export const isGone = ({ code }: LumaError): boolean => code === "not_found" || code === "gone";

/** Whether the provider gives the money back. */
export const isRefunded = (generation: Generation | undefined): boolean => generation?.failure?.refunded ?? false;

/** Whether a job is gone: so many reads in a row, this one with them, have not found it, though it has run for so long, in ms. */
export const isLost = (error: LumaError, notFound: number, run: number): boolean =>
  isGone(error) && notFound >= NOT_FOUND && run > NEW_JOB_INVISIBLE;
