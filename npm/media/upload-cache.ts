// Each file is uploaded once for a client, by whichever call and however often it is wanted.

import type { ProviderId } from "../generated/types.js";
import { accountOf } from "./account.js";
import { dedupe, type Entry, REMEMBERED } from "./dedupe.js";
import { fetchPicture } from "./fetch-picture.js";
import { createSemaphore } from "./liveness.js";
import { type OutgoingFile, send } from "./send.js";
import type { Caller, MediaClient, ProgressListener, Reference } from "./types.js";

/** Where files go, and what a request names them by then. */
export interface UploadTarget {
  as: "url" | "file_id";
  /** The caller's own `upload`. */
  own?: boolean;
  /** It takes no addresses: what lies there is fetched and uploaded. */
  fetches?: boolean;
  /** Why there is nowhere to upload to, if so. */
  missing?: string;
}

const TARGETS: Record<ProviderId, UploadTarget> = {
  "dream-machine": {
    as: "url",
    missing:
      "The Dream Machine API takes no uploads, only public addresses: give createClient an `upload` that stores a file and returns its address",
  },
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
const CONCURRENCY = 4;

/** A call that wants a file. `what`: what error messages call the file. */
type UploadCaller = Caller & { what: string };

type Entries = Map<string, Entry<Reference>>;

export function createUploadCache(client: MediaClient) {
  const { provider, upload, fetch, clock, hold } = client;
  // useapi.net takes no addresses.
  const own = Boolean(upload) && provider !== "useapi";
  const target: UploadTarget = own ? { as: "url", own } : TARGETS[provider];
  const now = () => (clock ?? Date).now();
  const byFile = new WeakMap<Blob, Entries>();
  const byContent: Entries = new Map();
  const byAddress: Entries = new Map();
  const removed = new Set<string>(); // the ids of files that no longer exist
  const uploading = createSemaphore(CONCURRENCY);
  // One of its own: a fetch holds its permit while it waits for one of the others.
  const fetching = createSemaphore(CONCURRENCY);

  /** Once for each account; what went to the first account that works is then known under that account's name, too. */
  function once(
    entries: Entries,
    keyOf: (account: string) => string,
    account: string,
    lifetime: { kept: number; expires?: number | undefined },
    begin: (caller: Caller & { onProgress: ProgressListener }) => Promise<Reference>,
    caller: Caller,
  ) {
    const also = ({ file_id }: Reference) => {
      const named = account === "" && file_id && accountOf(file_id);
      return named ? keyOf(named) : undefined;
    };
    const gone = ({ file_id }: Reference) => file_id !== undefined && removed.has(file_id);
    return dedupe({ entries, key: keyOf(account), ...lifetime, now, also, gone }, begin, caller);
  }

  /** The reference of a file. `details`, where there are some, are noted with it. */
  function uploadFile(
    { content, type, account = "", details }: Omit<OutgoingFile, "account" | "what"> & { account?: string | undefined },
    { what, ...caller }: UploadCaller,
  ): Promise<Reference> {
    const noted = details ? JSON.stringify(details) : "";
    const lifetime = {
      kept: KEPT[own ? "own" : "others"],
      expires: details?.expires_at === undefined ? undefined : Date.parse(details.expires_at),
    };
    const begin = async (caller: Caller) => {
      const hash = await uploading(caller, () => hold(hashOf(content)));
      const upload = (caller: Caller) =>
        uploading(caller, (caller) => send(client, own, { content, type, account, details, what }, caller));
      return hash
        ? once(byContent, (account) => [account, noted, type, hash].join(" "), account, lifetime, upload, caller)
        : upload(caller);
    };
    let entries = byFile.get(content);
    if (!entries) byFile.set(content, (entries = new Map()));
    return once(entries, (account) => [account, noted].join(" "), account, lifetime, begin, caller);
  }

  /** The reference of the picture at an address, which is fetched. */
  function uploadAddress(
    { url, account = "" }: { url: string; account?: string | undefined },
    { what, ...caller }: UploadCaller,
  ): Promise<Reference> {
    const begin = (caller: Caller) =>
      fetching(caller, async (caller) => {
        const picture = Promise.resolve().then(() => fetchPicture(fetch, provider, url, caller.signal));
        return uploadFile({ ...(await hold(picture, true)), account }, { what, ...caller });
      });
    // An address of another scheme is the content itself, or a name for it.
    if (!/^https?:/i.test(url)) return begin(caller);
    return once(byAddress, (account) => [account, url].join(" "), account, { kept: KEPT.own }, begin, caller);
  }

  /** A file no longer exists: when it is wanted again, it is uploaded anew. */
  const forget = (id: string) => {
    removed.add(id);
    const [oldest] = removed;
    if (removed.size > REMEMBERED && oldest !== undefined) removed.delete(oldest);
  };

  return { target, uploadFile, uploadAddress, forget };
}

/** The hash of the content; undefined for a large file, and where there is no WebCrypto. */
async function hashOf(content: Blob): Promise<string | undefined> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || content.size > HASHED) return undefined;
  return new Uint8Array(await subtle.digest("SHA-256", await content.arrayBuffer())).join("-");
}
