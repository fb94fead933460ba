// The caller's store as one instance of the wasm uses it. What the instance holds there is given back should it die: nothing else could
// take its jobs up as long as the page or the process lasts.

import type { Hold } from "../common/clock.js";
import type { Store } from "../stores/store.js";
import type { OnDeath } from "../wasm/instance.js";

/** How long a store may take for anything, in ms. What cannot be written is not sent, so no job is lost by it. */
const LONGEST = 30_000;

type Release = (() => unknown) | undefined;

/** Each function is async, so that none throws into the wasm. */
export function instanceStore(store: Store, onDeath: OnDeath, hold: Hold): Store {
  const held = <T>(work: () => Promise<T>) => hold(inTime((async () => work())()));
  const lock = async (key: string) => {
    const asked = (async () => store.lock?.(key))();
    const release = await inTime<Release>(asked).catch((error) => {
      asked.then(free, () => {}); // one that comes late has no owner
      throw error;
    });
    return heldLock(release, onDeath);
  };
  return {
    getAll: () => held(async () => listOf(await store.getAll())),
    put: (key, value) => held(() => store.put(key, value)),
    delete: (key) => held(() => store.delete(key)),
    ...(typeof store.lock === "function" && { lock: (key) => hold(lock(key)) }),
    ...(typeof store.changed === "function" && { changed: (signal) => untilChanged(store, signal, onDeath) }),
  };
}

/** The entries as a list: so no iterator of the caller's runs in the wasm. */
function listOf<T>(entries: Iterable<T>): T[] {
  if (typeof (entries as Partial<Iterable<T>> | undefined)?.[Symbol.iterator] !== "function")
    throw new Error("getAll gave no entries: it is not iterable");
  return [...entries];
}

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the store has not answered for 30 s")), LONGEST);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** What the release of a lock throws, or rejects with, does not matter. */
function free(release: Release): void {
  (async () => release?.())().catch(() => {});
}

function heldLock(release: Release, onDeath: OnDeath): (() => void) | undefined {
  if (typeof release !== "function") return undefined;
  let forget = () => {};
  const once = () => {
    forget();
    free(release);
  };
  forget = onDeath(once);
  return once;
}

async function untilChanged(store: Store, signal: AbortSignal, onDeath: OnDeath): Promise<void> {
  const leave = new AbortController();
  const abort = () => leave.abort();
  signal.addEventListener("abort", abort);
  const forget = onDeath(abort);
  try {
    await store.changed?.(leave.signal);
  } finally {
    forget();
    signal.removeEventListener("abort", abort);
  }
}
