/** Where the clients of one program meet: locks, and word of changes, without leaving its memory. */
export function createRoom() {
  const locked = new Set();
  const waiting = new Set();

  const announce = () => {
    for (const wake of waiting) wake();
  };

  return {
    announce,

    async lock(key) {
      if (locked.has(key)) return undefined;
      locked.add(key);
      let held = true;
      return () => {
        if (!held) return; // by now it may be another's
        held = false;
        locked.delete(key);
        announce();
      };
    },

    changed: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      }),
  };
}
