// Resumes jobs from before a reload, a crash or an abort.

import { rejectAsLumaError } from "../common/error.js";
import type { Generation } from "../generated/types.js";
import type { Resumed } from "../types/api.js";
import type { ResumeOptions } from "../types/options.js";
import type { Update } from "../types/updates.js";
import type { Run } from "./engine.js";

/** All tickets that can be resumed, each with the promise of its job. */
export async function resume(run: Run, { signal, timeout, onUpdate, progressInterval }: ResumeOptions): Promise<Resumed[]> {
  const tickets = await run("Tickets", undefined, undefined, { signal, timeout });
  return tickets.map(({ error, ...info }) => {
    const notify = onUpdate && ((update: Update) => onUpdate(update, info.ticket));
    const done: Promise<Generation> = rejectAsLumaError({ signal }, async () => {
      if (error) throw error;
      return run("Resume", info.ticket, undefined, { signal, timeout, onUpdate: notify, progressInterval });
    });
    done.catch(() => {}); // a failure that a caller leaves alone must not end the program
    return { ...info, done };
  });
}
