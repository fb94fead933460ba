import type { Locks } from "../locks.js";

/** The right of one tab to work on an entry, until `end` in ms since 1970. */
export interface Lease {
  owner: string;
  end: number;
}

/** Where the leases are kept, beside the entries. */
export interface LeaseRecords {
  /** Replaces the lease of a key by what `decide` makes of it and gives the new one, in one step. */
  swap(key: string, decide: (current: Lease | undefined) => Lease | undefined): Promise<Lease | undefined>;
  /** Deletes the lease of a key if it has this owner. The deletion begins within the call. */
  drop(key: string, owner: string): Promise<void>;
}

interface HeldLease extends Lease {
  timer?: ReturnType<typeof setInterval>;
}

/**
 * Locks for browsers without Web Locks. A lease is renewed while it is held, and another tab may take it over once it has ended.
 * A tab that stood still beyond the end of its lease learns so before its next write, which then rejects.
 *
 * @param settle how many ms other tabs may take to see a change; without it each swap is one step for all tabs
 * @param duration of a lease, in ms
 */
export function createLeases({ swap, drop }: LeaseRecords, settle: number, duration: number): Locks {
  const held = new Map<string, HeldLease>();
  const settled = () => (settle ? new Promise((resolve) => setTimeout(resolve, settle)) : undefined);

  // A page that is left or reloaded gets its jobs back at once. A page that returns from the back-forward cache finds them lost.
  globalThis.addEventListener?.("pagehide", () => {
    for (const [key, { owner }] of held) drop(key, owner).catch(() => {});
  });

  /** Renews a lease, or throws if another tab owns it by now. */
  async function renew(key: string, lease: HeldLease) {
    if (lease.end <= Date.now()) await settled();
    const end = Date.now() + duration;
    const current = await swap(key, (current) => (current?.owner === lease.owner ? { owner: lease.owner, end } : current));
    if (current?.owner === lease.owner) {
      lease.end = end;
      return;
    }
    clearInterval(lease.timer);
    throw new Error("Lease expired: another tab has taken this job over, because this one stood still for longer than its lease.");
  }

  return {
    async take(key) {
      if (held.has(key)) return undefined;
      // Not `randomUUID`: a page without Web Locks is one without https, which has no `randomUUID` either.
      const lease: HeldLease = { owner: crypto.getRandomValues(new Uint32Array(4)).join("-"), end: 0 };
      held.set(key, lease);
      try {
        await settled();
        const end = Date.now() + duration;
        let current = await swap(key, (current) => (current && current.end > Date.now() ? current : { owner: lease.owner, end }));
        if (settle && current?.owner === lease.owner) {
          await settled();
          current = await swap(key, (current) => current);
        }
        if (current?.owner === lease.owner) lease.end = end;
      } finally {
        if (!lease.end) held.delete(key);
      }
      if (!lease.end) return undefined;
      lease.timer = setInterval(() => renew(key, lease).catch(() => {}), duration / 3);
      return () => {
        clearInterval(lease.timer);
        held.delete(key);
        return drop(key, lease.owner);
      };
    },

    guard(key) {
      const lease = held.get(key);
      return lease?.end ? () => renew(key, lease) : undefined;
    },
  };
}
