import { randomUUID } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locks } from "../locks.js";
import { fileNameOf } from "./file-names.js";
import { readIfThere, removeIf, unless } from "./file-steps.js";
import { createHeartbeat, type Heartbeat, isAlive } from "./heartbeat.js";

/** One process as the owner of locks, with its heartbeat and the number of locks that hang on it. */
interface Owner extends Heartbeat {
  id: string;
  locks: number;
}

const OWNER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const heartbeatOf = (folder: string, id: string) => join(folder, `${id}.alive`);

/**
 * Locks between processes, in files: `<key>.lock`, created exclusively, names an owner; `<owner>.alive` is the owner's heartbeat.
 * One heartbeat serves all locks of a store, however many, and exists while there are any.
 */
export function createFileLocks(folder: string, duration: number): Required<Locks> {
  const held = new Map<string, Owner | undefined>(); // by key; undefined while the lock is being taken
  let current: Owner | undefined;

  const lockOf = (key: string) => join(folder, `${fileNameOf(key)}.lock`);

  /** The owner, for one lock more. */
  function retain(): Owner {
    if (!current || current.lost()) {
      const id = randomUUID();
      current = { id, locks: 0, ...createHeartbeat(heartbeatOf(folder, id), duration) };
    }
    current.locks++;
    return current;
  }

  async function letGo(owner: Owner) {
    if (--owner.locks) return;
    if (current === owner) current = undefined;
    await owner.end();
  }

  return {
    async take(key) {
      if (held.has(key)) return undefined;
      held.set(key, undefined);
      const owner = retain();
      let taken = false;
      try {
        await owner.written;
        taken = await acquire(lockOf(key), owner.id, folder, duration);
      } finally {
        if (taken) held.set(key, owner);
        else {
          held.delete(key);
          await letGo(owner);
        }
      }
      if (!taken) return undefined;
      return async () => {
        held.delete(key);
        try {
          await removeIf(lockOf(key), owner.id);
        } finally {
          await letGo(owner);
        }
      };
    },

    guard(key) {
      const owner = held.get(key);
      if (!owner) return undefined;
      return async () => {
        const alive = await owner.renew();
        if (alive && (await readIfThere(lockOf(key))) === owner.id) return;
        throw new Error("Lease expired: another process has taken this job over, because this one stood still for longer than its lease.");
      };
    },
  };
}

async function acquire(lock: string, owner: string, folder: string, duration: number): Promise<boolean> {
  const create = () => writeFile(lock, owner, { flag: "wx", mode: 0o600 }).then(() => true, unless("EEXIST"));
  return (await create()) || ((await clear(lock, folder, duration)) && (await create())) || false;
}

/** Removes a lock whose owner is gone, and returns whether there is none now. */
async function clear(lock: string, folder: string, duration: number): Promise<boolean> {
  const owner = await readIfThere(lock);
  if (owner === undefined) return true;
  if (!OWNER.test(owner)) {
    // It was created this moment, or left half-written by a crash.
    const made = await stat(lock).catch(unless("ENOENT"));
    if (made && made.mtimeMs + duration > Date.now()) return false;
  } else {
    const heartbeat = await readIfThere(heartbeatOf(folder, owner));
    if (heartbeat !== undefined) {
      if (isAlive(heartbeat)) return false;
      // First the heartbeat: its process, should it lag behind and find it gone, knows that all its locks are.
      if (!(await removeIf(heartbeatOf(folder, owner), heartbeat))) return false;
    }
  }
  return removeIf(lock, owner);
}
