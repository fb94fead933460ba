// Loading what is not there from the start.

import { LumaError, messageOf } from "../client/error.js";

/** By what it can do: a polyfill, or a library such as zone.js, may have put a class of its own in the place of the one that `async` makes. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>> | null | undefined)?.then === "function";

/** The outcome of what is done once; a failure is not remembered, so that the next call tries again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () =>
    (outcome ??= work().catch((error) => {
      outcome = undefined;
      throw error;
    }));
}

/** Loads a file of this package by `import()`. Where that fails, nothing has been sent, and the same call may succeed later. */
export async function loadPart<T>(importPart: () => Promise<T>): Promise<T> {
  try {
    return await importPart();
  } catch (cause) {
    const message =
      `A part of luma-edge could not be loaded, and nothing was sent: ${messageOf(cause)}. ` +
      'Where import() is not allowed, as in a Service Worker, import "luma-edge/eager".';
    throw new LumaError({ code: "network", message, retryable: true, cause });
  }
}
