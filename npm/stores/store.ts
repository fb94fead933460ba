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

/** The options of stores that several tabs or processes share. */
export interface LeaseOptions {
  /**
   * For how many ms a lock counts without being renewed: how long the jobs of a tab or process that crashed wait for another,
   * and how long one may stand still without losing its own. It is renewed each third of it. In a browser it is 90 000 by default
   * and matters only without Web Locks: on pages without https.
   */
  lease?: number | undefined;
}
