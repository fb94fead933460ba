// The one class of error, and how what the WebAssembly rejects with becomes one.

import type { LumaErrorFields } from "../generated/types.js";

/** Marks an error of one entry for the others, since each entry has its own copy of the class. */
const MARK = Symbol.for("luma-edge.error");

export interface LumaError extends LumaErrorFields {}

/** The one class of error: decide by `code`, show `message`. An abort also has the name `AbortError`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor sets every field of the interface.
export class LumaError extends Error {
  static override readonly name: string = "LumaError"; // a minifier renames the class itself

  static override [Symbol.hasInstance](value: unknown): boolean {
    return (value as { [MARK]?: unknown } | null | undefined)?.[MARK] === true;
  }

  /** What lay behind it: another `LumaError`, the reason of an abort, or what a runtime threw. */
  declare readonly cause?: unknown;

  constructor({ message, cause, ...data }: ErrorData) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = data.code === "aborted" ? "AbortError" : "LumaError";
    this.problems = [];
    this.retryable = false;
    Object.assign(this, data);
  }

  toJSON(): object {
    // `JSON.stringify` writes own fields that are enumerable, which the words are not.
    const { message, cause } = this;
    return { ...this, message, cause: cause === undefined ? undefined : wordsOf(cause) };
  }

  /** @internal */
  get [MARK](): true {
    return true;
  }
}

/** An error as plain data: what the WebAssembly rejects with, and what is loaded on demand throws. */
export type ErrorData = Partial<LumaErrorFields> & Pick<LumaErrorFields, "code"> & { message: string; cause?: unknown };

/** Turns anything thrown into the one class of error. Anything but our own error data is a defect. `reason`: of an abort. */
export function toLumaError(thrown: unknown, reason?: unknown): LumaError {
  if (thrown instanceof LumaError) return thrown;
  if (!isErrorData(thrown)) return new LumaError({ code: "internal", message: `luma-edge failed: ${messageOf(thrown)}`, cause: thrown });
  const { cause } = thrown;
  const underlying = thrown.code === "aborted" ? reason : cause instanceof Error ? cause : cause && toLumaError(cause);
  return new LumaError({ ...thrown, cause: underlying });
}

/** The result of a task; anything thrown in it becomes the one class of error. */
export async function rejectAsLumaError<T>(
  options: { signal?: AbortSignal | undefined } | null | undefined,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (thrown) {
    throw toLumaError(thrown, options?.signal?.reason);
  }
}

/** What a thrown value says: not every one is an `Error`, and one of another realm is no instance of ours. */
export function messageOf(thrown: unknown): string {
  return String((thrown as Partial<Error> | null | undefined)?.message ?? thrown);
}

/** Any value as text: an abort may have any reason, also one that is no text. */
function wordsOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The same with what lies behind it: of a failed request Node says no more than "fetch failed". */
export function reasonOf(thrown: unknown): string {
  const { cause } = (thrown ?? {}) as Partial<Error>;
  return [messageOf(thrown ?? ""), (cause as Partial<Error> | undefined)?.message].filter(Boolean).join(": ").trim();
}

/** What a page is told of every request without an answer: by Chromium, Firefox and Safari. */
const HIDDEN = /^(Failed to fetch|NetworkError when attempting to fetch resource\.|Load failed)$/;

/** The words of a failed request. A page cannot see why it failed, so they get what there is to check. */
export function failedRequest(words: string): string {
  return HIDDEN.test(words) ? `${words} (check the network, baseUrl, this page's CSP, and whether that server allows its origin)` : words;
}

function isErrorData(thrown: unknown): thrown is ErrorData {
  return typeof (thrown as ErrorData | null | undefined)?.code === "string" && !(thrown instanceof Error);
}
