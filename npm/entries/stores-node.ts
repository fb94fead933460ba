// The store for Node, Deno and Bun.

export { fileStore } from "../stores/node/file.js";
export type { LeaseOptions, Store } from "../stores/store.js";
