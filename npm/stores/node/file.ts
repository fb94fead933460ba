import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileLocks } from "./file-locks.js";
import { keyOf, nameOf } from "./file-names.js";
import { createLines } from "./lines.js";
import { readIfThere, unless } from "./shared-files.js";

/** How many files are open at once while all are read. */
const ABREAST = 32;

/** What a crash in the middle of a write leaves, and when it surely is that: after an hour, in ms. */
const DRAFT = /\.json\.[0-9a-f-]{36}$/;
const ABANDONED = 3_600_000;

export function fileStore(directory, { lease = 15_000 } = {}) {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const inOrder = createLines();
  const locks = createFileLocks(folder, lease);

  const attempt = async (act) => {
    try {
      return await act();
    } catch (cause) {
      throw cause.code ? new Error(`The store in ${folder} failed: ${cause.message}`, { cause }) : cause;
    }
  };
  // Its owner's alone: prompts are nobody else's business.
  const made = () => mkdir(folder, { recursive: true, mode: 0o700 });
  const underWay = new Set();
  const write = (key, act, before = []) => {
    const guard = locks.guard(key);
    const writing = inOrder(key, () =>
      attempt(async () => {
        await made();
        await Promise.allSettled(before);
        await act(join(folder, nameOf(key)), guard);
        await sync(folder);
      }),
    );
    underWay.add(writing);
    const over = () => underWay.delete(writing);
    writing.then(over, over);
    return writing;
  };

  return {
    getAll: () => attempt(() => readAll(folder)),
    put: (key, value) => write(key, (path, guard) => replace(path, value, guard)),
    delete(key) {
      const remove = async (path, guard) => {
        await guard?.();
        await rm(path, { force: true });
      };
      return write(key, remove, [...underWay]);
    },
    async lock(key) {
      let release = await attempt(async () => {
        await made();
        return locks.take(key);
      });
      if (!release) return undefined;
      return () => {
        const free = release;
        release = undefined;
        // After the writes that were begun before. A lock that stays behind is taken over when its lease ends.
        if (free) inOrder(key, free).catch(() => {});
      };
    },
  };
}

async function readAll(folder) {
  const entries = new Map();
  // What was deleted this moment may have left something that was not there yet: then what is new is read as well.
  for (let vanished = true; vanished; ) {
    const keys = (await keysIn(folder)).filter((key) => !entries.has(key));
    for (let at = 0; at < keys.length; at += ABREAST) {
      const some = keys.slice(at, at + ABREAST);
      const values = await Promise.all(some.map((key) => readIfThere(join(folder, nameOf(key)))));
      some.forEach((key, index) => entries.set(key, values[index]));
    }
    vanished = keys.some((key) => entries.get(key) === undefined);
  }
  return [...entries].filter(([, value]) => value !== undefined);
}

async function keysIn(folder) {
  const names = (await readdir(folder).catch(unless("ENOENT"))) ?? [];
  await Promise.all(names.filter((name) => DRAFT.test(name)).map((name) => sweep(join(folder, name))));
  return names.map(keyOf).filter((key) => key !== undefined);
}

async function sweep(draft) {
  const found = await stat(draft).catch(unless("ENOENT"));
  if (found && found.mtimeMs + ABANDONED < Date.now()) await rm(draft, { force: true });
}

/** A crash leaves the old content or the new, never a part. */
async function replace(path, value, guard) {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(value);
      await file.sync();
    } finally {
      await file.close();
    }
    await guard?.();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Makes names in a folder durable, where the system can: Windows opens no folders, and needs no such thing. */
async function sync(folder) {
  const handle = await open(folder, "r").catch(() => {});
  await handle?.sync().catch(() => {});
  await handle?.close();
}
