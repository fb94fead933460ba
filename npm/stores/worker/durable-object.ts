import { createRoom } from "./room.js";

/** How many entries are read at once: an object has 128 MB of memory, for everything. */
const PAGE = 500;

/** An object is one thread, and whoever shares its storage is in it. */
const rooms = new WeakMap();

export function durableObjectStore(storage, { prefix = "luma-edge:" } = {}) {
  if (!rooms.has(storage)) rooms.set(storage, createRoom());
  const { lock, changed, announce } = rooms.get(storage);

  // The storage itself keeps the order of its writes, and holds back whatever the object sends until they are durable.
  return {
    async getAll() {
      const entries = [];
      let page, startAfter;
      do {
        page = await storage.list({ prefix, limit: PAGE, ...(startAfter && { startAfter }) });
        for (const [name, value] of page) {
          entries.push([name.slice(prefix.length), value]);
          startAfter = name;
        }
      } while (page.size === PAGE);
      return entries;
    },
    async put(key, value) {
      await storage.put(prefix + key, value);
      announce();
    },
    async delete(key) {
      await storage.delete(prefix + key);
      announce();
    },
    lock: (key) => lock(prefix + key),
    changed,
  };
}
