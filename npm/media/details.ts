// What the Agents API records about a file besides its bytes: options of ours, in its own words (SDK 0.5.0, 2026-08-04).

import type { Problem, ProblemCode } from "../generated/types.js";
import type { UploadOptions } from "../types/options.js";
import type { FileDetails } from "./types.js";

type DetailOptions = Pick<UploadOptions, "filename" | "purpose" | "expiresAt" | "userId">;

/** Each option's name there. */
const NAMES = [
  ["filename", "filename"],
  ["purpose", "purpose"],
  ["expiresAt", "expires_at"],
  ["userId", "user_id"],
] as const;

/** The details among the options of an upload, if there are any, and what is wrong with them. `noted`: whether the file goes to an API that notes them. */
export function readDetails(options: DetailOptions, noted: boolean): { problems: Problem[]; details: FileDetails | undefined } {
  const problems: Problem[] = [];
  const details: FileDetails = {};
  for (const [path, name] of NAMES) {
    const value: unknown = options[path];
    if (value === undefined) continue;
    const problem = (code: ProblemCode, message: string) => problems.push({ path, code, message });
    if (!noted) problem("unsupported", "is for a file that the Agents API itself is handed, and goes nowhere else");
    else if (path === "expiresAt") {
      const end = new Date(value as Date | string);
      if (Number.isNaN(end.getTime())) problem("invalid_value", "must be a Date, or a date and time as in 2026-12-24T18:00:00Z");
      else details[name] = end.toISOString();
    } else if (typeof value !== "string") problem("invalid_type", "must be a string");
    else if (!value) problem("invalid_value", "must not be empty");
    else details[name] = value;
  }
  return { problems, details: Object.keys(details).length ? details : undefined };
}
