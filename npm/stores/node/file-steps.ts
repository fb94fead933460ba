// Single steps on files that other processes work on at the same time.

import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";

/** The content of a file; undefined when there is none, or a folder. */
export function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(unless("ENOENT", "EISDIR"));
}

/**
 * Deletes a file if it has this content, and returns whether it did. It is moved aside first: of several processes that do this only
 * one gets it, and a file that turns out to be newer than expected is put back. It is read before that: a newer file that is moved aside
 * is missing for a moment, in which another process may take its place.
 */
export async function removeIf(path: string, content: string): Promise<boolean> {
  if ((await readIfThere(path)) !== content) return false;
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(() => true, unless("ENOENT"));
  if (!moved) return false;
  const same = ((await readIfThere(aside)) ?? content) === content; // another process may have swept it: only an old one
  if (!same) await link(aside, path).catch(unless("EEXIST")); // the process that wrote it sees at its next write that it is gone
  await rm(aside, { force: true });
  return same;
}

/** Makes names in a folder durable, where the system can: Windows opens no folders, and needs no such thing. */
export async function syncFolder(folder: string) {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Turns failures that were to be expected into undefined. */
export function unless(...codes: string[]) {
  return (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? "")) throw error;
  };
}

/** The code of an error of the system, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
