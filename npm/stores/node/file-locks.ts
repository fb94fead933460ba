import { randomUUID } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { escape } from "./file-names.js";
import { createSign, isAlive } from "./file-signs.js";
import { readIfThere, removeIf, unless } from "./shared-files.js";

const OWNER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const signOf = (folder, owner) => join(folder, `${owner}.alive`);

/**
 * Locks between processes, in files: `<key>.lock`, created exclusively, names an owner; `<owner>.alive` is the owner's sign of
 * life. One sign serves all locks of a store, however many, and is there while there are any.
 */
export function createFileLocks(folder, duration) {
  const held = new Map(); // key: the sign that its lock hangs on; undefined while it is being taken
  let current;

  const lockOf = (key) => join(folder, `${escape(key)}.lock`);

  /** The sign of life, for one lock more. */
  function hold() {
    if (!current || current.lost()) {
      const owner = randomUUID();
      current = { owner, locks: 0, ...createSign(signOf(folder, owner), duration) };
    }
    current.locks++;
    return current;
  }

  async function letGo(sign) {
    if (--sign.locks) return;
    if (current === sign) current = undefined;
    await sign.end();
  }

  return {
    /** Gives what releases the key, or undefined while another has it. */
    async take(key) {
      if (held.has(key)) return undefined;
      held.set(key, undefined);
      const sign = hold();
      let taken = false;
      try {
        await sign.shown;
        taken = await acquire(lockOf(key), sign.owner, folder, duration);
      } finally {
        if (taken) held.set(key, sign);
        else {
          held.delete(key);
          await letGo(sign);
        }
      }
      if (!taken) return undefined;
      return async () => {
        held.delete(key);
        await removeIf(lockOf(key), sign.owner);
        await letGo(sign);
      };
    },

    /** What a write of this key has to pass first, as things stand at the call. */
    guard(key) {
      const sign = held.get(key);
      if (!sign) return undefined;
      return async () => {
        const alive = await sign.renew();
        if (alive && (await readIfThere(lockOf(key))) === sign.owner) return;
        throw new Error("Another process has taken this job over, since this one stood still for longer than its lease; it is in good hands there.");
      };
    },
  };
}

async function acquire(lock, owner, folder, duration) {
  const create = () => writeFile(lock, owner, { flag: "wx", mode: 0o600 }).then(() => true, unless("EEXIST"));
  return (await create()) || ((await clear(lock, folder, duration)) && (await create())) || false;
}

/** Removes a lock whose owner is no more, and tells whether there is none now. */
async function clear(lock, folder, duration) {
  const owner = await readIfThere(lock);
  if (owner === undefined) return true;
  if (!OWNER.test(owner)) {
    // It was created this moment, or left half-written by a crash.
    const made = await stat(lock).catch(unless("ENOENT"));
    if (made && made.mtimeMs + duration > Date.now()) return false;
  } else {
    const sign = await readIfThere(signOf(folder, owner));
    if (sign !== undefined) {
      if (isAlive(sign)) return false;
      // First the sign: whoever lags behind and finds it gone knows that all its locks are.
      if (!(await removeIf(signOf(folder, owner), sign))) return false;
    }
  }
  return removeIf(lock, owner);
}
