/** Locks and change notifications between the clients of one program, in memory. */
export function createInProcessLock() {
  const locked = new Set<string>();
  const listeners = new Set<() => void>();

  const announce = () => {
    for (const listener of listeners) listener();
  };

  return {
    /** Notifies every waiting client of a change. */
    announce,

    /** Takes the lock of a key and gives its release, or undefined while another client holds it. */
    async lock(key: string): Promise<(() => void) | undefined> {
      if (locked.has(key)) return undefined;
      locked.add(key);
      let held = true;
      return () => {
        if (!held) return; // a second release must not free a lock that another client has taken since
        held = false;
        locked.delete(key);
        announce();
      };
    },

    /** Settles at the next change, or when the signal aborts. */
    changed: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const wake = () => {
          listeners.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        listeners.add(wake);
        signal.addEventListener("abort", wake);
      }),
  };
}
