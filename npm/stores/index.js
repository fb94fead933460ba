export { memoryStore } from "./memory.js";
export { localStorageStore } from "./local-storage.js";
export { indexedDBStore } from "./indexed-db.js";
export { kvStore } from "./kv.js";
export { durableObjectStore } from "./durable-object.js";
