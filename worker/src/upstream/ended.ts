// Whether a job is over at its provider, by what a read of it gave.

import type { Generation, LumaError } from "luma-edge";

export const hasEnded = ({ state }: Generation): boolean => state === "completed" || state === "failed";

/** Whether the provider does not know the job, or not any more. */
export const isGone = ({ code }: LumaError): boolean => code === "not_found" || code === "gone";

/** Whether the provider gives the money back. */
export const isRefunded = (generation: Generation | undefined): boolean => generation?.failure?.refunded ?? false;
