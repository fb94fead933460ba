import { createInProcessLock } from "./in-process-lock.js";
import type { Store } from "./store.js";

/** A store in memory, gone with the program. Clients that share it share its jobs. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  const { lock, changed, announce } = createInProcessLock();
  return {
    getAll: async () => [...entries],
    async put(key, value) {
      entries.set(key, value);
      announce();
    },
    async delete(key) {
      entries.delete(key);
      announce();
    },
    lock,
    changed,
  };
}
