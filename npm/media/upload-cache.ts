// Each file is handed over once for a client, whoever asks for it and however often.

import { accountOf } from "./account.js";
import { fetchFile } from "./fetched.js";
import { createTurns } from "./others.js";
import { send } from "./send.js";
import { shared } from "./shared.js";

/** How each provider is handed a file, and what names it then. */
const WAYS = {
  "dream-machine": { as: "url", missing: "The Dream Machine API takes no uploads, only public addresses: give createClient an `upload` that stores a file and returns its address" },
  agents: { as: "file_id" },
  useapi: { as: "file_id", fetches: true },
  piapi: { as: "url" },
};

/**
 * For how many ms a file counts as there. The caller's address may be one that ends soon, and at another there may be something
 * new; PiAPI drops a file after a day, useapi.net after 30 (integrations, 2026; page on assets, 2026-04-06).
 */
const KEPT = { own: 600_000, others: 20 * 3_600_000 };

/** A larger file is known by its object alone: to hash it, all of it must be in memory. */
const HASHED = 32 << 20;

/** How many files are in memory or on their way at once, and how many are fetched. */
const AT_ONCE = 4;

export function createHandover(client) {
  const { provider, upload, fetch, clock } = client;
  // useapi.net takes no addresses.
  const own = Boolean(upload) && provider !== "useapi";
  const takes = own ? { as: "url", own } : WAYS[provider];
  const now = () => (clock ?? Date).now();
  const byFile = new WeakMap();
  const byContent = new Map();
  const byAddress = new Map();
  const removed = new Set(); // the ids of files that are there no more
  const inTurn = createTurns(AT_ONCE);
  // Turns of its own: who has one waits for one of the others.
  const inTurnToFetch = createTurns(AT_ONCE);

  /** Once for each account; what went to the first that works is then known as that one's, too. */
  function once(entries, keyOf, account, { kept, expires }, begin, caller) {
    const also = ({ file_id }) => {
      const named = account === "" && file_id && accountOf(file_id);
      return named ? keyOf(named) : undefined;
    };
    const gone = ({ file_id }) => removed.has(file_id);
    return shared({ entries, key: keyOf(account), kept, expires, now, also, gone }, begin, caller);
  }

  /** The reference of a file: `{ url }` or `{ file_id }`. `details`, where there are some, are noted with it. */
  function hand({ content, type, account = "", details }, { what, ...caller }) {
    const noted = details ? JSON.stringify(details) : "";
    const terms = { kept: KEPT[own ? "own" : "others"], expires: details?.expires_at && Date.parse(details.expires_at) };
    const begin = async (caller) => {
      const hash = await inTurn(caller, () => hashOf(content));
      const upload = (caller) => inTurn(caller, (caller) => send(client, takes, { content, type, account, details, what }, caller));
      return hash ? once(byContent, (account) => [account, noted, type, hash].join(" "), account, terms, upload, caller) : upload(caller);
    };
    if (!byFile.has(content)) byFile.set(content, new Map());
    return once(byFile.get(content), (account) => [account, noted].join(" "), account, terms, begin, caller);
  }

  /** The reference of what lies at an address, which is fetched. */
  function handAddress({ url, account = "" }, { what, ...caller }) {
    const begin = (caller) =>
      inTurnToFetch(caller, async (caller) => hand({ ...(await fetchFile(fetch, provider, url, caller.signal)), account }, { what, ...caller }));
    // Others are the content itself, or a name for it.
    if (!/^https?:/i.test(url)) return begin(caller);
    return once(byAddress, (account) => [account, url].join(" "), account, { kept: KEPT.own }, begin, caller);
  }

  /** A file is there no more: whoever wants it hands it over anew. */
  const forget = (id) => removed.add(id);

  return { takes, hand, handAddress, forget };
}

async function hashOf(content) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || content.size > HASHED) return undefined;
  return new Uint8Array(await subtle.digest("SHA-256", await content.arrayBuffer())).join("-");
}
