import type { LeaseOptions, Store } from "../store.js";
import { explain } from "./failure.js";
import type { Lease } from "./leases.js";
import { storeBetweenTabs } from "./tabs.js";

const ENTRIES = "entries";
const LEASES = "leases";

/** A store in IndexedDB: for pages and Web Workers. */
export function indexedDBStore(
  options: LeaseOptions & {
    /** The name of its database, which should hold nothing else; `"luma-edge"` by default. */
    name?: string | undefined;
  } = {},
): Store {
  const { name = "luma-edge", lease = 90_000 } = options;
  const transact = createTransactions(name);
  return storeBetweenTabs(
    `indexedDB ${name}`,
    {
      getAll: () =>
        transact(ENTRIES, "readonly", async (entries) => {
          const [keys, values] = await Promise.all([result(entries.getAllKeys()), result<string[]>(entries.getAll())]);
          return keys.map((key, index) => [key as string, values[index] as string] as const);
        }),
      put: (key, value) => transact(ENTRIES, "readwrite", (entries) => result(entries.put(value, key))),
      delete: (key) => transact(ENTRIES, "readwrite", (entries) => result(entries.delete(key))),
      leases: {
        swap: (key, decide) =>
          transact(LEASES, "readwrite", async (leases) => {
            const all = IDBKeyRange.bound([key], [key, []]);
            const [current]: Lease[] = await result(leases.getAll(all));
            const next = decide(current);
            if (next === current) return current;
            leases.delete(all);
            await result(leases.put({ ...next, key }));
            return next;
          }),
        // The owner is part of the key, so that nothing need be read: a page that goes would not live to see the answer.
        drop: (key, owner) => transact(LEASES, "readwrite", (leases) => void leases.delete([key, owner])),
      },
    },
    lease,
  );
}

/** Gives a function that runs something in a transaction of its own, in the order of the calls, and settles when that is durable. */
function createTransactions(name: string) {
  let opened: Promise<IDBDatabase> | undefined;

  function open() {
    opened ??= connect(name).then((database) => {
      const forget = () => (opened = undefined);
      database.onclose = forget; // the browser closed it; the next call opens another
      database.onversionchange = () => {
        database.close();
        forget();
      };
      return database;
    });
    opened.catch(() => (opened = undefined));
    return opened;
  }

  return async <T>(store: string, mode: IDBTransactionMode, use: (store: IDBObjectStore) => T | Promise<T>): Promise<T> => {
    let transaction: IDBTransaction | undefined;
    try {
      const begun = (await open()).transaction(store, mode, { durability: "strict" });
      transaction = begun;
      const done = new Promise((resolve, reject) => {
        begun.oncomplete = resolve;
        begun.onabort = () => reject(begun.error);
      });
      done.catch(() => {});
      const value = await use(begun.objectStore(store));
      begun.commit();
      await done;
      return value;
    } catch (error) {
      throw explain("IndexedDB", transaction?.error ?? error);
    }
  };
}

async function connect(name: string) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ENTRIES);
    request.result.createObjectStore(LEASES, { keyPath: ["key", "owner"] });
  };
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
