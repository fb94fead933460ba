// Who calls, as a function of the deployer's own says.

import type { Limits } from "../limits/limits.js";

/** A caller, as `authorize` names it. */
export interface Authorized {
  /** What logs, budgets and ownership know the caller by: of a signed-in user, the user's id. */
  name: string;
  /** What it may do; by default what `CALLER_LIMITS` says. */
  limits?: Limits;
}
