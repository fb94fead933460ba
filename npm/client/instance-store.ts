// The caller's store as one instance of the wasm uses it. What the instance holds there is given back should it die: nothing else could
// take its jobs up as long as the page or the process lasts.

import type { Store } from "../stores/store.js";
import type { OnDeath } from "../wasm/instance.js";
import type { Hold } from "./clock.js";

/** Each function is async, so that none throws into the wasm. */
export function instanceStore(store: Store, onDeath: OnDeath, hold: Hold): Store {
  const held = <T>(work: () => Promise<T>) => hold((async () => work())());
  return {
    getAll: () => held(() => store.getAll()),
    put: (key, value) => held(() => store.put(key, value)),
    delete: (key) => held(() => store.delete(key)),
    ...(typeof store.lock === "function" && { lock: (key) => held(async () => heldLock(await store.lock?.(key), onDeath)) }),
    ...(typeof store.changed === "function" && { changed: (signal) => untilChanged(store, signal, onDeath) }),
  };
}

/** The release of a lock; what it throws, or rejects with, is of no matter to anybody. */
function heldLock(release: (() => unknown) | undefined, onDeath: OnDeath): (() => void) | undefined {
  if (typeof release !== "function") return undefined;
  let forget = () => {};
  const free = () => {
    forget();
    (async () => release())().catch(() => {});
  };
  forget = onDeath(free);
  return free;
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
