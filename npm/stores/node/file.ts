import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKeyedQueue } from "../keyed-queue.js";
import type { LeaseOptions, Store } from "../store.js";
import { publish, writeDraft } from "./file-drafts.js";
import { createFileLocks, type Holder } from "./file-locks.js";
import { entryOf, keyOf, stemOf } from "./file-names.js";
import { codeOf, readIfThere, syncFolder, unless } from "./file-steps.js";

/** How many files are open at once while all are read. */
const CONCURRENCY = 32;

/**
 * A store in a folder, one file for each entry: for Node, Deno and Bun. The folder is made when it is missing. Processes of one
 * machine may share it; the jobs of one that crashed are free at once, on Deno or in another container when its lease has
 * passed, which is 15 s by default. After a crash a file is the old one or the new one, never a part. A program that is killed loses
 * nothing that it wrote of the jobs it held, awaited or not.
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
  const makeFolder = () => mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (key: string) => join(folder, entryOf(stemOf(key)));
  const underWay = new Set<Promise<void>>();
  const write = (key: string, holder: Holder | undefined, act: () => Promise<void>) => {
    const writing = enqueue(key, () =>
      attempt(async () => {
        makeFolder();
        if (!holder) await locks.clear(key);
        await act();
        await syncFolder(folder);
      }),
    );
    underWay.add(writing);
    const over = () => underWay.delete(writing);
    writing.then(over, over);
    return writing;
  };
  let swept: Promise<void> | undefined;

  return {
    async getAll() {
      await (swept ??= locks.sweep().catch(() => {})); // once: what it cannot remove is in no one's way
      return attempt(() => readAll(folder));
    },
    put(key, value) {
      const holder = locks.holder(key);
      const drafted = attempt(async () => {
        makeFolder();
        return writeDraft(pathOf(key), value, holder?.id); // before put returns
      });
      drafted.catch(() => {}); // the write rejects with it
      return write(key, holder, async () => publish(await drafted, pathOf(key), holder?.guard));
    },
    delete(key) {
      const holder = locks.holder(key);
      const before = [...underWay];
      return write(key, holder, async () => {
        await Promise.allSettled(before);
        await holder?.guard();
        await rm(pathOf(key), { force: true });
      });
    },
    async lock(key) {
      let release = await attempt(async () => {
        makeFolder();
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
      const values = await Promise.all(some.map((key) => readIfThere(join(folder, entryOf(stemOf(key))))));
      some.forEach((key, index) => entries.set(key, values[index]));
    }
    vanished = keys.some((key) => entries.get(key) === undefined);
  }
  return [...entries].filter((entry): entry is [string, string] => entry[1] !== undefined);
}

async function keysIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(unless("ENOENT"))) ?? [];
  return names.map(keyOf).filter((key) => key !== undefined);
}
