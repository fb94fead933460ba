// Each file is handed over once for a client, whoever asks for it and however often.

import { createTurns, whileAlive } from "./others.js";
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

/** How many files are in memory or on their way at once, and how many are remembered by their content. */
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
  const removed = new Set(); // the ids of files that are there no more
  const inTurn = createTurns(AT_ONCE);

  /** Joins what is under way or done, or begins. */
  async function shared(entries, key, begin, { onProgress, signal, expires = Infinity }) {
    signal.throwIfAborted(); // which nobody hears: who it is for has left
    let entry = entries.get(key);
    const begins = !entry || entry.until < now() || removed.has(entry.file);
    if (begins) {
      entry = { until: Infinity, alive: Date.now(), waiting: 0, leave: new AbortController(), listeners: new Set() };
      entries.set(key, entry);
      if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value);
    }
    const forget = () => entries.get(key) === entry && entries.delete(key);
    if (onProgress) entry.listeners.add(onProgress);
    if (entry.progress && entry.until === Infinity) onProgress?.(entry.progress);
    entry.waiting++;
    const leave = () => {
      entry.listeners.delete(onProgress);
      // Nobody waits for it any more.
      if (--entry.waiting === 0 && entry.until === Infinity) {
        forget();
        entry.leave.abort();
      }
    };
    signal.addEventListener("abort", leave, { once: true });
    if (!begins) {
      return whileAlive(entry, entry.promise, () => {
        forget();
        return shared(entries, key, begin, { onProgress, signal, expires });
      });
    }
    const tell = (progress) => {
      entry.progress = progress;
      entry.alive = Date.now();
      entry.listeners.forEach((listener) => listener(progress));
    };
    const done = ({ file_id }) => {
      entry.file = file_id;
      entry.until = Math.min(expires, now() + KEPT[own ? "own" : "others"]);
      entry.listeners.clear();
    };
    entry.promise = begin({ signal: entry.leave.signal, onProgress: tell });
    entry.promise.then(done, forget);
    return entry.promise;
  }

  /** The reference of a file: `{ url }` or `{ file_id }`. `details`, where there are some, are noted with it. */
  function hand({ content, type, account = "", details }, { what, ...caller }) {
    const to = details ? `${account} ${JSON.stringify(details)}` : account;
    const expires = details?.expires_at && Date.parse(details.expires_at);
    const begin = async (caller) => {
      const hash = await inTurn(caller, () => hashOf(content));
      const upload = (caller) => inTurn(caller, (caller) => send(client, takes, { content, type, account, details, what }, caller));
      return hash ? shared(byContent, [to, type, hash].join(" "), upload, { ...caller, expires }) : upload(caller);
    };
    if (!byFile.has(content)) byFile.set(content, new Map());
    return shared(byFile.get(content), to, begin, { ...caller, expires });
  }

  /** A file is there no more: whoever wants it hands it over anew. */
  const forget = (id) => removed.add(id);

  return { takes, hand, forget };
}

async function hashOf(content) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || content.size > HASHED) return undefined;
  return new Uint8Array(await subtle.digest("SHA-256", await content.arrayBuffer())).join("-");
}
