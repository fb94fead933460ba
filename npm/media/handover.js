// Each file is handed over once for a client, whoever asks for it and however often.

import { send } from "./send.js";

/** How each provider is handed a file, and what names it then. */
const WAYS = {
  "dream-machine": { as: "url", missing: "The Dream Machine API takes no uploads, only public addresses: give createClient an `upload` that stores a file and returns its address" },
  agents: { as: "file_id" },
  useapi: { as: "file_id" },
  piapi: { as: "url" },
};

/**
 * For how many ms a file counts as there. The caller's address may be one that ends soon; PiAPI drops a file after a day, useapi.net
 * after 30 (integrations, 2026; page on assets, 2026-04-06).
 */
const KEPT = { own: 600_000, others: 20 * 3_600_000 };

/** A larger file is known by its object alone: to hash it, all of it must be in memory. */
const HASHED = 32 << 20;

/** How many uploads are under way at once, and how many are remembered by their content. */
const AT_ONCE = 4;
const REMEMBERED = 1_000;

export function createHandover(client) {
  const { provider, upload, clock } = client;
  // useapi.net takes no addresses.
  const own = Boolean(upload) && provider !== "useapi";
  const takes = own ? { as: "url", own } : WAYS[provider];
  const now = () => (clock ?? Date).now();
  const byFile = new WeakMap();
  const byContent = new Map();
  const inTurn = createTurns(AT_ONCE);

  /** Joins what is under way or done, or begins. */
  function shared(entries, key, begin, { onProgress, signal }) {
    let entry = entries.get(key);
    if (!entry || entry.until < now()) {
      const leave = new AbortController();
      entry = { until: Infinity, waiting: 0, leave, listeners: new Set() };
      const tell = (progress) => entry.listeners.forEach((listener) => listener(progress));
      entry.promise = begin({ signal: leave.signal, onProgress: tell });
      entry.forget = () => entries.get(key) === entry && entries.delete(key);
      const done = () => {
        entry.until = now() + KEPT[own ? "own" : "others"];
        entry.listeners.clear();
      };
      entry.promise.then(done, entry.forget);
      entries.set(key, entry);
      if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value);
    }
    if (onProgress) entry.listeners.add(onProgress);
    entry.waiting++;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      entry.listeners.delete(onProgress);
      // Nobody waits for it any more.
      if (--entry.waiting === 0 && entry.until === Infinity) {
        entry.forget();
        entry.leave.abort();
      }
    };
    signal?.addEventListener("abort", leave, { once: true });
    if (signal?.aborted) leave();
    return entry.promise;
  }

  /** The reference of a file: `{ url }` or `{ file_id }`. */
  function hand({ given, content, type, account = "" }, { what, ...caller }) {
    const begin = async (caller) => {
      const hash = await hashOf(content);
      const upload = ({ signal, onProgress }) => inTurn(() => send(client, takes, { given, content, type, account, what }, { signal, onProgress }));
      return hash ? shared(byContent, `${account} ${hash}`, upload, caller) : upload(caller);
    };
    // Only a Blob stays what it is.
    if (given !== content) return begin(caller);
    if (!byFile.has(content)) byFile.set(content, new Map());
    return shared(byFile.get(content), account, begin, caller);
  }

  return { takes, hand };
}

async function hashOf(content) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || content.size > HASHED) return undefined;
  return new Uint8Array(await subtle.digest("SHA-256", await content.arrayBuffer())).join("-") + content.type;
}

function createTurns(free) {
  const waiting = [];
  return async (work) => {
    if (free) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
