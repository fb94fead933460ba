/** Locks on the entries of a store that several clients share. */
export interface Locks {
  /** Takes the lock of a key and gives its release, or undefined while another client holds it. */
  take(key: string): Promise<(() => unknown) | undefined>;
  /**
   * What a write of this key must await first, as things stand at the call: it rejects if the lock was lost meanwhile.
   * Undefined where this client does not hold the lock. Absent where a lock cannot be lost.
   */
  guard?(key: string): (() => Promise<void>) | undefined;
}
