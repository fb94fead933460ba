import { createKeyedQueue } from "../keyed-queue.js";
import type { Store } from "../store.js";

/** How many values one call reads at most: https://developers.cloudflare.com/changelog/2025-04-10-kv-bulk-reads/, read 2026-11-21. */
const PAGE = 100;

/** A key may be written once a second: https://developers.cloudflare.com/kv/platform/limits/, read 2026-11-21. */
const PACE = 1_000;
const ATTEMPTS = 5;

/** How long a write waits for the one before it. That one may never end: a request that is over takes its I/O with it. */
const PATIENCE = 10_000;

/** What {@link kvStore} needs of a Workers KV binding. */
export interface KVNamespace {
  list(options: { prefix: string; cursor?: string }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
  get(keys: string[]): Promise<Map<string, string | null>>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * A store in Workers KV: for one Worker at a time that takes up jobs, such as a scheduled one. It cannot lock, and other
 * places may see a write only a minute later, so two that resume at once may buy a job twice; {@link durableObjectStore} is for
 * them. KV takes one write of a key in a second; a second one is tried again until it is taken.
 */
export function kvStore(
  namespace: KVNamespace,
  options: {
    /** What its names begin with; `"luma-edge:"` by default. */
    prefix?: string | undefined;
    /** Keeps the Worker alive for writes that are not awaited: `waitUntil` of `cloudflare:workers`. */
    waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  } = {},
): Store {
  const { prefix = "luma-edge:", waitUntil } = options;
  const enqueue = createKeyedQueue(PATIENCE);

  const write = (key: string, act: () => Promise<void>) => {
    const written = enqueue(key, () => paced(act));
    waitUntil?.(written.catch(() => {}));
    return written;
  };

  return {
    async getAll() {
      const entries: [string, string][] = [];
      for await (const names of pages(namespace, prefix)) {
        const values = await namespace.get(names);
        for (const name of names) {
          const value = values.get(name);
          // What was deleted a moment ago may still be listed.
          if (typeof value === "string") entries.push([name.slice(prefix.length), value]);
        }
      }
      return entries;
    },
    put: (key, value) => write(key, () => namespace.put(prefix + key, value)),
    delete: (key) => write(key, () => namespace.delete(prefix + key)),
  };
}

/** The names that begin so, as many at once as one call reads. */
async function* pages(namespace: KVNamespace, prefix: string) {
  let listed: Awaited<ReturnType<KVNamespace["list"]>> | undefined;
  do {
    listed = await namespace.list({ prefix, ...(listed?.cursor !== undefined && { cursor: listed.cursor }) });
    const names = listed.keys.map(({ name }) => name);
    while (names.length) yield names.splice(0, PAGE);
  } while (!listed.list_complete);
}

/** Writes; a second later again when KV answers that the key was written within the last one. */
async function paced(act: () => Promise<void>) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === ATTEMPTS || !/\b429\b/.test((error as Error | undefined)?.message ?? "")) throw error;
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  }
}
