import { randomUUID } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adopt } from "./file-drafts.js";
import { heartbeatOf, isOwner, lockOf, stemOf } from "./file-names.js";
import { readIfThere, removeIf, unless } from "./file-steps.js";
import { sweep } from "./file-sweep.js";
import { createHeartbeat, type Heartbeat, isAlive } from "./heartbeat.js";

/** Who holds a lock. */
export interface Holder {
  id: string;
  /** What a write must await first: it rejects if the lock was lost meanwhile. */
  guard(): Promise<void>;
}

/** One process as the owner of locks, with its heartbeat and the number of locks that hang on it. */
interface Owner extends Heartbeat {
  id: string;
  locks: number;
}

/**
 * Locks between processes, in files: `<key>.lock`, created exclusively, names an owner; `<owner>.alive` is the owner's heartbeat.
 * One heartbeat serves all locks of a store, however many, and exists while there are any.
 */
export function createFileLocks(folder: string, duration: number) {
  const held = new Map<string, Owner | undefined>(); // by key; undefined while the lock is being taken
  let current: Owner | undefined;

  const fileOf = (stem: string) => join(folder, lockOf(stem));

  /** The owner, for one lock more. */
  function retain(): Owner {
    if (!current || current.lost()) {
      const id = randomUUID();
      current = { id, locks: 0, ...createHeartbeat(join(folder, heartbeatOf(id)), duration) };
    }
    current.locks++;
    return current;
  }

  async function letGo(owner: Owner) {
    if (--owner.locks) return;
    if (current === owner) current = undefined;
    await owner.end();
  }

  async function acquire(stem: string, owner: string): Promise<boolean> {
    const create = () => writeFile(fileOf(stem), owner, { flag: "wx", mode: 0o600 }).then(() => true, unless("EEXIST"));
    return (await create()) || ((await clear(stem)) && (await create())) || false;
  }

  /** Removes a lock whose owner is gone, after what that one had begun to write is written; returns whether there is no lock now. */
  async function clear(stem: string, grace = 0): Promise<boolean> {
    const lock = fileOf(stem);
    const owner = await readIfThere(lock);
    if (owner === undefined) return true;
    if (!isOwner(owner)) {
      // It was created this moment, or left half-written by a crash.
      const made = await stat(lock).catch(unless("ENOENT"));
      if (made && made.mtimeMs + duration > Date.now()) return false;
    } else {
      const path = join(folder, heartbeatOf(owner));
      const heartbeat = await readIfThere(path);
      if (heartbeat !== undefined) {
        if (isAlive(heartbeat, grace)) return false;
        // First the heartbeat: its process, should it lag behind and find it gone, knows that all its locks are.
        if (!(await removeIf(path, heartbeat))) return false;
      }
      await adopt(folder, stem, owner, async () => (await readIfThere(lock)) === owner);
    }
    return removeIf(lock, owner);
  }

  return {
    /** Takes the lock of a key and gives its release, or undefined while another client holds it. */
    async take(key: string): Promise<(() => Promise<void>) | undefined> {
      if (held.has(key)) return undefined;
      held.set(key, undefined);
      const owner = retain();
      let taken = false;
      try {
        await owner.written;
        taken = await acquire(stemOf(key), owner.id);
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
          await removeIf(fileOf(stemOf(key)), owner.id);
        } finally {
          await letGo(owner);
        }
      };
    },

    /** Who holds the lock of a key, as things stand at the call. Undefined where this client does not. */
    holder(key: string): Holder | undefined {
      const owner = held.get(key);
      if (!owner) return undefined;
      const guard = async () => {
        const alive = await owner.renew();
        if (alive && (await readIfThere(fileOf(stemOf(key)))) === owner.id) return;
        throw new Error("Lease expired: another process has taken this job over, because this one stood still for longer than its lease.");
      };
      return { id: owner.id, guard };
    },

    /** Whoever writes without the lock does so after a holder that is gone. */
    clear: (key: string) => clear(stemOf(key)),

    /** Tidies up after processes that were killed. */
    sweep: () => sweep(folder, clear),
  };
}
