/** What a browser's storage means by an exception, and what one can do about it. */
export function explain(storage, cause) {
  return new Error(`${storage} ${reason(cause)}`, { cause });
}

function reason({ name, message }) {
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
