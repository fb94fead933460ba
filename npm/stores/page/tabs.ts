import { createLeases } from "./leases.js";
import { createLines } from "./lines.js";

/**
 * Makes a store out of entries that the tabs of a browser share: writes in order, one tab at a time for an entry, word of
 * changes to the others.
 *
 * @param {string} name of the place, for locks and messages
 * @param {object} entries `getAll`, `put` and `delete`; `settle`, how many ms other tabs may take to see a write; `leases`, for
 *   when there are no Web Locks; `changed`, for when there are no BroadcastChannels
 */
export function betweenTabs(name, { getAll, settle = 0, leases, changed, ...entries }, lease) {
  const inOrder = createLines();
  const locks = globalThis.navigator?.locks ? webLocks(name, settle) : createLeases({ ...leases, settle }, lease);
  const { announce, heard } = globalThis.BroadcastChannel ? broadcasts(name) : { announce() {}, heard: changed };

  const write = (method) => (key, ...value) => {
    const guard = locks.guard?.(key);
    return inOrder(key, async () => {
      if (guard) await guard(); // nothing is awaited without one: what can be written in the call is
      await entries[method](key, ...value);
      announce();
    });
  };

  return {
    getAll,
    put: write("put"),
    delete: write("delete"),
    async lock(key) {
      let release = await locks.take(key);
      if (!release) return undefined;
      return () => {
        const free = release;
        release = undefined;
        // After the writes that were begun before: the next in turn finds them done. A lease that stays behind ends by itself.
        if (free) inOrder(key, free).then(announce, () => {});
      };
    },
    ...(heard && { changed: heard }),
  };
}

/** Locks that the browser keeps, and frees when a tab goes. What the last holder wrote may be slower to arrive than its lock. */
function webLocks(name, settle) {
  return {
    take: (key) =>
      new Promise((resolve, reject) => {
        const over = navigator.locks.request(`${name} ${key}`, { ifAvailable: true }, (lock) => {
          if (!lock) return resolve();
          return new Promise((end) => {
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

/** A channel is open only while it is used: one that is left open keeps Deno alive, and a page out of the back-forward cache. */
function broadcasts(name) {
  return {
    announce() {
      const channel = new BroadcastChannel(name);
      channel.postMessage(null);
      channel.close();
    },
    heard: (signal) =>
      new Promise((resolve) => {
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
