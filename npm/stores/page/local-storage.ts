import type { LeaseOptions, Store } from "../store.js";
import { explain } from "./failure.js";
import type { Lease } from "./leases.js";
import { storeBetweenTabs } from "./tabs.js";

/** Follows the name of an entry to make the name of its lease. No key has a slash. */
const LEASE = "/lease";

/** How long another tab may take to see what this one wrote, in ms: browsers pass it on in their own time. */
const SETTLE = 50;

/**
 * A store in `localStorage`: for pages; about 5 MB for the whole site, and each write halts the page for a moment. What was
 * written in the last seconds is lost when the whole browser crashes. {@link indexedDBStore} has neither limit.
 */
export function localStorageStore(
  options: LeaseOptions & {
    /** What its names begin with; `"luma-edge:"` by default. */
    prefix?: string | undefined;
  } = {},
): Store {
  const { prefix = "luma-edge:", lease = 90_000 } = options;
  const use = <T>(act: (storage: Storage) => T): T => {
    try {
      return act(localStorage);
    } catch (error) {
      throw explain("localStorage", error);
    }
  };
  const leaseOf = (key: string) => prefix + key + LEASE;
  const read = (key: string) => use((storage) => parse(storage.getItem(leaseOf(key))));

  return storeBetweenTabs(
    `localStorage ${prefix}`,
    {
      getAll: async () => use((storage) => entriesOf(storage, prefix)),
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
      changed: typeof globalThis.addEventListener === "function" ? (signal) => storageEvent(prefix, signal) : undefined,
    },
    lease,
  );
}

function entriesOf(storage: Storage, prefix: string): [string, string][] {
  const names = Array.from(storage, (_, index) => storage.key(index) as string);
  return names
    .filter((name) => name.startsWith(prefix) && !name.endsWith(LEASE))
    .map((name) => [name.slice(prefix.length), storage.getItem(name) as string]);
}

/** Settles when another tab writes, deletes or releases an entry. */
function storageEvent(prefix: string, signal: AbortSignal) {
  return new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      removeEventListener("storage", listen);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const listen = ({ key, newValue }: StorageEvent) => {
      const taken = key?.endsWith(LEASE) && newValue !== null; // a lease that was taken or renewed
      if (key === null || (key.startsWith(prefix) && !taken)) end(); // null: all was cleared
    };
    addEventListener("storage", listen);
    signal.addEventListener("abort", end);
  });
}

function parse(text: string | null): Lease | undefined {
  try {
    return JSON.parse(text as string) ?? undefined; // of null JSON.parse makes null
  } catch {
    return undefined; // what something else wrote there must not hold anybody up
  }
}
