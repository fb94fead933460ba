import { createInProcessLock } from "../in-process-lock.js";
import type { Store } from "../store.js";

/** How many entries are read at once: an object has 128 MB of memory, for everything. */
const PAGE = 500;

/** An object is one thread, and all clients that share its storage run in it. */
const locks = new WeakMap<DurableObjectStorage, ReturnType<typeof createInProcessLock>>();

/** What {@link durableObjectStore} needs of `ctx.storage`. */
export interface DurableObjectStorage {
  list(options: { prefix: string; limit: number; startAfter?: string }): Promise<Map<string, unknown>>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<boolean>;
}

/** A store in the storage of a Durable Object, given within the object. All clients in the object share its locks. */
export function durableObjectStore(
  storage: DurableObjectStorage,
  options: {
    /** What its names begin with; `"luma-edge:"` by default. */
    prefix?: string | undefined;
  } = {},
): Store {
  const { prefix = "luma-edge:" } = options;
  const { lock, changed, announce } = lockOf(storage);

  // The storage itself keeps the order of its writes, and holds back what the object sends until they are durable.
  return {
    async getAll() {
      const entries: [string, string][] = [];
      let page: Map<string, unknown>;
      let startAfter: string | undefined;
      do {
        page = await storage.list({ prefix, limit: PAGE, ...(startAfter && { startAfter }) });
        for (const [name, value] of page) {
          entries.push([name.slice(prefix.length), value as string]); // only `put` writes here
          startAfter = name;
        }
      } while (page.size === PAGE);
      return entries;
    },
    async put(key, value) {
      await storage.put(prefix + key, value);
      announce();
    },
    async delete(key) {
      await storage.delete(prefix + key);
      announce();
    },
    lock: (key) => lock(prefix + key),
    changed,
  };
}

function lockOf(storage: DurableObjectStorage) {
  let lock = locks.get(storage);
  if (!lock) locks.set(storage, (lock = createInProcessLock()));
  return lock;
}
