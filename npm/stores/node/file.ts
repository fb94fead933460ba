import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKeyedQueue } from "../keyed-queue.js";
import type { LeaseOptions, Store } from "../store.js";
import { createFileLocks } from "./file-locks.js";
import { keyOf, nameOf } from "./file-names.js";
import { codeOf, readIfThere, unless } from "./file-steps.js";

/** How many files are open at once while all are read. */
const CONCURRENCY = 32;

/** What a crash in the middle of a write leaves behind, and after how many ms it surely is that: an hour. */
const DRAFT = /\.json\.[0-9a-f-]{36}$/;
const ABANDONED = 3_600_000;

type Guard = (() => Promise<void>) | undefined;

/**
 * A store in a folder, one file for each entry: for Node, Deno and Bun. The folder is made when it is missing. Processes of one
 * machine may share it; the jobs of one that crashed are free at once, on Deno or in another container when its lease has
 * passed, which is 15 s by default. After a crash a file is the old one or the new one, never a part.
 *
 * @param directory the path of the folder, or its `file:` URL
 */
export function fileStore(directory: string | URL, options: LeaseOptions = {}): Store {
  const { lease = 15_000 } = options;
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const enqueue = createKeyedQueue();
  const locks = createFileLocks(folder, lease);

  const attempt = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (cause) {
      throw codeOf(cause) ? new Error(`The store in ${folder} failed: ${(cause as Error).message}`, { cause }) : cause;
    }
  };
  // Only the owner may read it: prompts are private.
  const makeFolder = () => mkdir(folder, { recursive: true, mode: 0o700 });
  const underWay = new Set<Promise<void>>();
  const write = (key: string, act: (path: string, guard: Guard) => Promise<void>, before: Promise<void>[] = []) => {
    const guard = locks.guard(key);
    const writing = enqueue(key, () =>
      attempt(async () => {
        await makeFolder();
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
      const remove = async (path: string, guard: Guard) => {
        await guard?.();
        await rm(path, { force: true });
      };
      return write(key, remove, [...underWay]);
    },
    async lock(key) {
      let release = await attempt(async () => {
        await makeFolder();
        return locks.take(key);
      });
      if (!release) return undefined;
      return () => {
        const free = release;
        release = undefined;
        // After the writes that were begun before. A lock that stays behind is taken over when its lease ends.
        if (free) enqueue(key, free).catch(() => {});
      };
    },
  };
}

async function readAll(folder: string): Promise<[string, string][]> {
  const entries = new Map<string, string | undefined>();
  // An entry that vanishes while it is read may have been replaced by one that was not listed yet: then the folder is read again.
  for (let vanished = true; vanished; ) {
    const keys = (await keysIn(folder)).filter((key) => !entries.has(key));
    for (let at = 0; at < keys.length; at += CONCURRENCY) {
      const some = keys.slice(at, at + CONCURRENCY);
      const values = await Promise.all(some.map((key) => readIfThere(join(folder, nameOf(key)))));
      some.forEach((key, index) => entries.set(key, values[index]));
    }
    vanished = keys.some((key) => entries.get(key) === undefined);
  }
  return [...entries].filter((entry): entry is [string, string] => entry[1] !== undefined);
}

async function keysIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(unless("ENOENT"))) ?? [];
  await Promise.all(names.filter((name) => DRAFT.test(name)).map((name) => sweep(join(folder, name))));
  return names.map(keyOf).filter((key) => key !== undefined);
}

async function sweep(draft: string) {
  const found = await stat(draft).catch(unless("ENOENT"));
  if (found && found.mtimeMs + ABANDONED < Date.now()) await rm(draft, { force: true });
}

/** A crash leaves the old content or the new, never a part. */
async function replace(path: string, value: string, guard: Guard) {
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
async function sync(folder: string) {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
