/**
 * Locks where the machine has none: a lease, kept beside the entries, that is renewed while it is held and may be taken over
 * once it has ended. Whoever was frozen over its end learns so before the next write, which then rejects.
 *
 * @param {object} kept where the leases are kept
 *   - `swap(key, decide)`: puts `decide(lease)` in the place of the lease of a key and gives it, in one step; a lease is
 *     `{ owner, end }`, or undefined
 *   - `drop(key, owner)`: deletes the lease of a key if it has this owner, and begins to at the call
 *   - `settle`: how many ms other tabs may take to see a change; without it a step is one for all of them
 * @param {number} duration of a lease, in ms
 */
export function createLeases({ swap, drop, settle = 0 }, duration) {
  const held = new Map();
  const settled = () => settle && new Promise((resolve) => setTimeout(resolve, settle));

  // A page that is left or reloaded has its jobs back at once. One that returns from the back-forward cache finds them lost.
  globalThis.addEventListener?.("pagehide", () => {
    for (const [key, { owner }] of held) drop(key, owner).catch(() => {});
  });

  /** Renews a lease, or throws when it is another's by now. */
  async function renew(key, lease) {
    if (lease.end <= Date.now()) await settled();
    const end = Date.now() + duration;
    const current = await swap(key, (current) => (current?.owner === lease.owner ? { owner: lease.owner, end } : current));
    if (current?.owner === lease.owner) {
      lease.end = end;
      return;
    }
    clearInterval(lease.timer);
    throw new Error("Another tab has taken this job over, since this one stood still for longer than its lease; it is in good hands there.");
  }

  return {
    /** Gives what releases the key, or undefined while another has it. */
    async take(key) {
      if (held.has(key)) return undefined;
      // Not `randomUUID`: a page without locks is one without https, which has no such thing either.
      const lease = { owner: crypto.getRandomValues(new Uint32Array(4)).join("-"), end: 0 };
      held.set(key, lease);
      try {
        await settled();
        const end = Date.now() + duration;
        let current = await swap(key, (current) => (current?.end > Date.now() ? current : { owner: lease.owner, end }));
        if (settle && current.owner === lease.owner) {
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

    /** What a write of this key has to pass first, as things stand at the call. */
    guard(key) {
      const lease = held.get(key);
      return lease?.end ? () => renew(key, lease) : undefined;
    },
  };
}
