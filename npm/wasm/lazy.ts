// Loading what is not there from the start.

import { LumaError, messageOf } from "../common/error.js";

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
      `A part of luma-edge could not be loaded, and nothing was sent (${messageOf(cause)}). ` +
      'Where import() is not allowed, as in a Service Worker, import "luma-edge/eager".';
    throw new LumaError({ code: "network", message, retryable: true, cause });
  }
}
