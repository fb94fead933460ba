/** By this an error of one entry is known to the others, each of which has the class for itself. */
const MARK = Symbol.for("luma-edge.error");

/** The one error class; documented in index.d.ts. */
export class LumaError extends Error {
  static name = "LumaError"; // a minifier renames the class itself

  static [Symbol.hasInstance](value) {
    return value?.[MARK] === true;
  }

  get [MARK]() {
    return true;
  }

  constructor({ message, cause, ...data }) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = data.code === "aborted" ? "AbortError" : "LumaError";
    this.problems = [];
    this.retryable = false;
    Object.assign(this, data);
  }
}

/** What the wasm rejects with, and what is loaded on demand, is plain data; anything else is a defect. */
export function toLumaError(thrown, reason) {
  if (thrown instanceof LumaError) return thrown;
  if (typeof thrown?.code !== "string" || thrown instanceof Error) {
    return new LumaError({ code: "internal", message: `luma-edge failed: ${thrown?.message ?? thrown}`, cause: thrown });
  }
  const cause = thrown.code === "aborted" ? reason : thrown.cause instanceof Error ? thrown.cause : thrown.cause && toLumaError(thrown.cause);
  return new LumaError({ ...thrown, cause });
}
