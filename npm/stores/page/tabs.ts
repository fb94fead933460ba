import { createKeyedQueue } from "../keyed-queue.js";
import type { Locks } from "../locks.js";
import type { Store } from "../store.js";
import { createLeases, type LeaseRecords } from "./leases.js";

/** Entries that the tabs of a browser share. */
export interface SharedEntries {
  getAll: Store["getAll"];
  put(key: string, value: string): unknown;
  delete(key: string): unknown;
  /** How many ms other tabs may take to see a write; none by default. */
  settle?: number;
  /** For browsers without Web Locks. */
  leases: LeaseRecords;
  /** For browsers without BroadcastChannel. */
  changed?: Store["changed"] | undefined;
}

/**
 * Makes a store out of entries that the tabs of a browser share. Writes take effect in order, one tab at a time works on an entry,
 * and the other tabs learn of changes.
 *
 * @param name of the place, for locks and messages
 * @param lease how long a lease lasts, in ms
 */
export function storeBetweenTabs(name: string, entries: SharedEntries, lease: number): Store {
  const { settle = 0 } = entries;
  const enqueue = createKeyedQueue();
  const locks: Locks = globalThis.navigator?.locks ? webLocks(name, settle) : createLeases(entries.leases, settle, lease);
  const { announce, changed } = globalThis.BroadcastChannel ? broadcasts(name) : { announce() {}, changed: entries.changed };

  const write = (key: string, act: () => unknown) => {
    const guard = locks.guard?.(key);
    return enqueue(key, async () => {
      if (guard) await guard(); // without a guard nothing is awaited: what can be written within the call is
      await act();
      announce();
    });
  };

  return {
    getAll: entries.getAll,
    put: (key, value) => write(key, () => entries.put(key, value)),
    delete: (key) => write(key, () => entries.delete(key)),
    async lock(key) {
      let release = await locks.take(key);
      if (!release) return undefined;
      return () => {
        const free = release;
        release = undefined;
        // After the writes that were begun before, so that the next owner finds them done. A lease that stays behind ends by itself.
        if (free) enqueue(key, free).then(announce, () => {});
      };
    },
    ...(changed && { changed }),
  };
}

/** Locks that the browser keeps, and frees when a tab goes. What the last holder wrote may arrive later than its lock. */
function webLocks(name: string, settle: number): Locks {
  return {
    take: (key) =>
      new Promise((resolve, reject) => {
        const over: Promise<unknown> = navigator.locks.request(`${name} ${key}`, { ifAvailable: true }, (lock) => {
          if (!lock) return resolve(undefined);
          return new Promise<void>((end) => {
            const release = () => {
              end();
              return over;
            };
            if (settle) setTimeout(resolve, settle, release);
            else resolve(release);
          });
        });
        over.catch(reject);
      }),
  };
}

/** A channel is open only while it is used: one that stays open keeps Deno alive, and a page out of the back-forward cache. */
function broadcasts(name: string) {
  return {
    announce() {
      const channel = new BroadcastChannel(name);
      channel.postMessage(null);
      channel.close();
    },
    changed: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        const channel = new BroadcastChannel(name);
        const end = () => {
          channel.close();
          signal.removeEventListener("abort", end);
          resolve();
        };
        channel.onmessage = end;
        signal.addEventListener("abort", end);
      }),
  };
}
