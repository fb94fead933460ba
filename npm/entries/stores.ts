// Stores for pages and Workers.

export { memoryStore } from "../stores/memory.js";
export { indexedDBStore } from "../stores/page/indexed-db.js";
export { localStorageStore } from "../stores/page/local-storage.js";
export type { LeaseOptions, Store } from "../stores/store.js";
export { type DurableObjectStorage, durableObjectStore } from "../stores/worker/durable-object.js";
export { type KVNamespace, kvStore } from "../stores/worker/kv.js";
