import { createLines } from "./lines.js";

/** How many values one call reads at most: https://developers.cloudflare.com/changelog/2025-04-10-kv-bulk-reads/, read 2026-11-21. */
const PAGE = 100;

/** A key may be written once a second: https://developers.cloudflare.com/kv/platform/limits/, read 2026-11-21. */
const PACE = 1_000;
const ATTEMPTS = 5;

/** How long a write waits for the one before it. That one may never end: a request that is over takes its I/O with it. */
const PATIENCE = 10_000;

export function kvStore(namespace, { prefix = "luma-edge:", waitUntil } = {}) {
  const inOrder = createLines(PATIENCE);

  const write = (key, act) => {
    const written = inOrder(key, () => paced(act));
    waitUntil?.(written.catch(() => {}));
    return written;
  };

  return {
    async getAll() {
      const entries = [];
      for await (const names of pages(namespace, prefix)) {
        const values = await namespace.get(names);
        // What was deleted a moment ago may still be listed.
        for (const name of names) if (typeof values.get(name) === "string") entries.push([name.slice(prefix.length), values.get(name)]);
      }
      return entries;
    },
    put: (key, value) => write(key, () => namespace.put(prefix + key, value)),
    delete: (key) => write(key, () => namespace.delete(prefix + key)),
  };
}

/** The names that begin so, as many at once as one call reads. */
async function* pages(namespace, prefix) {
  let listed;
  do {
    listed = await namespace.list({ prefix, ...(listed && { cursor: listed.cursor }) });
    const names = listed.keys.map(({ name }) => name);
    while (names.length) yield names.splice(0, PAGE);
  } while (!listed.list_complete);
}

/** Writes; again a second later when KV answers that the key was written within the last one. */
async function paced(act) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === ATTEMPTS || !/\b429\b/.test(error?.message)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  }
}
