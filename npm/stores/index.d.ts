/**
 * Where a client writes down the jobs that it has in hand, so that they are taken up again after a reload or a crash: the
 * `store` option of `createClient`. The adapters here are stores; anything with these methods is one.
 *
 * Keys are of `[a-z0-9:-]`, at most some 60 of them; values are JSON, as a rule below 8 kB. They hold prompts and the
 * addresses of pictures, never a key.
 */
export interface Store {
  /** Every entry. */
  getAll(): Promise<Iterable<readonly [key: string, value: string]>>;
  /** Writes an entry; settled when it is durable. Calls for one key take effect in their order, awaited or not. */
  put(key: string, value: string): Promise<void>;
  /** Deletes an entry, if it is there; in order with `put`. */
  delete(key: string): Promise<void>;
  /**
   * Takes the sole right to work on an entry: gives its release, or `undefined` while another client has it. Left out where only
   * one client at a time uses the store. Where the right can be lost, since its holder stood still, the holder's next `put` or
   * `delete` of that key rejects.
   */
  lock?(key: string): Promise<(() => void) | undefined>;
  /** Settles when another client may have changed something, or when `signal` aborts. It may settle for no reason. */
  changed?(signal: AbortSignal): Promise<void>;
}

/** A store in memory, gone with the program. Clients that share it share its jobs. */
export declare function memoryStore(): Store;

/** What stores that several tabs or processes share can be told. */
export interface LeaseOptions {
  /**
   * For how many ms a lock counts without being renewed: how long the jobs of a tab or process that crashed wait for another,
   * and how long one may stand still without losing its own. It is renewed each third of it. In a browser it matters only without
   * Web Locks: on pages without https.
   */
  lease?: number;
}

/**
 * A store in `localStorage`: for pages; about 5 MB for the whole site, and each write halts the page for a moment. What was
 * written in the last seconds is lost when the whole browser crashes. {@link indexedDBStore} has neither limit.
 */
export declare function localStorageStore(options?: LeaseOptions & {
  /** What its names begin with; `"luma-edge:"` by default. */
  prefix?: string;
}): Store;

/** A store in IndexedDB: for pages and Web Workers. */
export declare function indexedDBStore(options?: LeaseOptions & {
  /** The name of its database, which should hold nothing else; `"luma-edge"` by default. */
  name?: string;
}): Store;

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
export declare function kvStore(namespace: KVNamespace, options?: {
  /** What its names begin with; `"luma-edge:"` by default. */
  prefix?: string;
  /** Keeps the Worker alive for writes that nobody waits for: `waitUntil` of `cloudflare:workers`. */
  waitUntil?: (promise: Promise<unknown>) => void;
}): Store;

/** What {@link durableObjectStore} needs of `ctx.storage`. */
export interface DurableObjectStorage {
  list(options: { prefix: string; limit: number; startAfter?: string }): Promise<Map<string, unknown>>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<boolean>;
}

/** A store in the storage of a Durable Object, given within the object. All clients in the object share its locks. */
export declare function durableObjectStore(storage: DurableObjectStorage, options?: {
  /** What its names begin with; `"luma-edge:"` by default. */
  prefix?: string;
}): Store;
