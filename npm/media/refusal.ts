import type { ErrorData } from "../client/error.js";
import type { Problem } from "../generated/types.js";

/** The error of a request that is not sent because of these problems. */
export function refusal(problems: Problem[]): ErrorData {
  return {
    code: "invalid_request",
    message: `The request was not sent: ${problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ")}`,
    problems,
    retryable: false,
  };
}
