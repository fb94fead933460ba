// Taking up what was in hand before a reload, a crash or an abort.

import type { TicketInfo } from "../generated/types.js";
import type { Resumed } from "./api.js";
import type { Run } from "./engine.js";
import { type ErrorData, toLumaError } from "./error.js";
import type { ResumeOptions } from "./options.js";
import type { Update } from "./updates.js";

/** All tickets that can be taken up, each with the promise of its job. */
export async function resume(call: Run, { signal, timeout, onUpdate, progressInterval }: ResumeOptions = {}): Promise<Resumed[]> {
  const tickets: (TicketInfo & { error?: ErrorData })[] = await call("Tickets", undefined, undefined, { signal });
  return tickets.map(({ error, ...info }) => {
    const told = onUpdate && ((update: Update) => onUpdate(update, info.ticket));
    const options = { signal, timeout, onUpdate: told, progressInterval };
    const done = error ? Promise.reject(toLumaError(error)) : call("Resume", info.ticket, undefined, options);
    done.catch(() => {}); // a failure that a caller leaves alone must not end the program
    return { ...info, done };
  });
}
