import { createRoom } from "./room.js";

export function memoryStore() {
  const entries = new Map();
  const { lock, changed, announce } = createRoom();
  return {
    getAll: async () => [...entries],
    async put(key, value) {
      entries.set(key, value);
      announce();
    },
    async delete(key) {
      entries.delete(key);
      announce();
    },
    lock,
    changed,
  };
}
