import type { Problem } from "../generated/types.js";
import type { ErrorData } from "./error.js";

/** The error of what breaks these rules, with each of them in its message. */
export function invalidRequest(problems: Problem[], what = "The request was not sent"): ErrorData {
  const sentences = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return { code: "invalid_request", message: `${what}: ${sentences.join("; ")}`, problems, retryable: false };
}
