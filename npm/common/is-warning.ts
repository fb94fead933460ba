import { WARNINGS } from "../generated/names.js";
import type { Problem } from "../generated/types.js";

/** Whether a problem that `validate` finds stops no request: the documents disagree, or something else may be meant. */
export function isWarning({ code }: Pick<Problem, "code">): boolean {
  return (WARNINGS as readonly string[]).includes(code);
}
