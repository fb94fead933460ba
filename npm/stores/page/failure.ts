/** Explains an exception of a browser's storage: what it means, and what one can do about it. */
export function explain(storage: string, cause: unknown): Error {
  return new Error(`${storage} ${reason(cause as Error)}`, { cause });
}

function reason({ name, message }: Error): string {
  switch (name) {
    case "QuotaExceededError":
      return "is full, so nothing can be written in it. Remove some of what this site keeps there, or use another store.";
    case "SecurityError":
      return "is blocked for this page, as in a sandboxed frame or with cookies switched off. memoryStore() works, and forgets when the page goes.";
    case "ReferenceError":
      return "does not exist here. A page has localStorage and IndexedDB, a Web Worker IndexedDB; Node, Deno and Bun can use fileStore() of luma-edge/stores/node.";
    default:
      return `failed: ${message}`;
  }
}
