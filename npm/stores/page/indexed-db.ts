import { explain } from "./failure.js";
import { betweenTabs } from "./tabs.js";

const ENTRIES = "entries";
const LEASES = "leases";

export function indexedDBStore({ name = "luma-edge", lease = 90_000 } = {}) {
  const transact = createTransactions(name);
  return betweenTabs(
    `indexedDB ${name}`,
    {
      getAll: () =>
        transact(ENTRIES, "readonly", async (entries) => {
          const keys = result(entries.getAllKeys());
          const values = await result(entries.getAll());
          return (await keys).map((key, index) => [key, values[index]]);
        }),
      put: (key, value) => transact(ENTRIES, "readwrite", (entries) => result(entries.put(value, key))),
      delete: (key) => transact(ENTRIES, "readwrite", (entries) => result(entries.delete(key))),
      leases: {
        swap: (key, decide) =>
          transact(LEASES, "readwrite", async (leases) => {
            const all = IDBKeyRange.bound([key], [key, []]);
            const [current] = await result(leases.getAll(all));
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
function createTransactions(name) {
  let opened;

  function open() {
    opened ??= connect(name).then((database) => {
      const forget = () => (opened = undefined);
      database.onclose = forget; // the browser took it away; the next call gets another
      database.onversionchange = () => {
        database.close();
        forget();
      };
      return database;
    });
    opened.catch(() => (opened = undefined));
    return opened;
  }

  return async (store, mode, use) => {
    let transaction;
    try {
      transaction = (await open()).transaction(store, mode, { durability: "strict" });
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      done.catch(() => {});
      const value = await use(transaction.objectStore(store));
      transaction.commit();
      await done;
      return value;
    } catch (error) {
      throw explain("IndexedDB", transaction?.error ?? error);
    }
  };
}

async function connect(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ENTRIES);
    request.result.createObjectStore(LEASES, { keyPath: ["key", "owner"] });
  };
  return result(request);
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
