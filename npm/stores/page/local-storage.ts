import { explain } from "./failure.js";
import { betweenTabs } from "./tabs.js";

/** Follows the name of an entry, and makes that of its lease. A key has no such sign. */
const LEASE = "/lease";

/** How long another tab may take to see what this one wrote, in ms: browsers pass it on in their own time. */
const SETTLE = 50;

export function localStorageStore({ prefix = "luma-edge:", lease = 90_000 } = {}) {
  const use = (act) => {
    try {
      return act(localStorage);
    } catch (error) {
      throw explain("localStorage", error);
    }
  };
  const leaseOf = (key) => prefix + key + LEASE;
  const read = (key) => use((storage) => parse(storage.getItem(leaseOf(key))));

  return betweenTabs(
    `localStorage ${prefix}`,
    {
      getAll: async () =>
        use((storage) => {
          const names = Array.from(storage, (_, index) => storage.key(index));
          return names.filter((name) => name.startsWith(prefix) && !name.endsWith(LEASE)).map((name) => [name.slice(prefix.length), storage.getItem(name)]);
        }),
      put: (key, value) => use((storage) => storage.setItem(prefix + key, value)),
      delete: (key) => use((storage) => storage.removeItem(prefix + key)),
      settle: SETTLE,
      leases: {
        async swap(key, decide) {
          const current = read(key);
          const next = decide(current);
          if (next !== current) use((storage) => storage.setItem(leaseOf(key), JSON.stringify(next)));
          return next;
        },
        async drop(key, owner) {
          if (read(key)?.owner === owner) use((storage) => storage.removeItem(leaseOf(key)));
        },
      },
      changed: globalThis.addEventListener && ((signal) => stored(prefix, signal)),
    },
    lease,
  );
}

/** Settles when another tab writes, deletes or releases an entry. */
function stored(prefix, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      removeEventListener("storage", listen);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const listen = ({ key, newValue }) => {
      const taken = key?.endsWith(LEASE) && newValue !== null; // or renewed
      if (key === null || (key.startsWith(prefix) && !taken)) end(); // null: all was cleared
    };
    addEventListener("storage", listen);
    signal.addEventListener("abort", end);
  });
}

function parse(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined; // somebody else's writing holds nobody up
  }
}
