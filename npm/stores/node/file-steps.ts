// Single steps on files that other processes work on at the same time.

import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm } from "node:fs/promises";

/** The content of a file; undefined when there is none, or a folder. */
export function readIfThere(path) {
  return readFile(path, "utf8").catch(unless("ENOENT", "EISDIR"));
}

/**
 * Deletes a file if that is what it says, and tells whether it did. It is moved aside first: of several who do this only one
 * gets it, and what turns out to be newer than expected is put back.
 */
export async function removeIf(path, content) {
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(() => true, unless("ENOENT"));
  if (!moved) return false;
  const same = (await readFile(aside, "utf8")) === content;
  if (!same) await link(aside, path).catch(unless("EEXIST")); // whoever wrote it sees at its next write that it is gone
  await rm(aside);
  return same;
}

/** Makes nothing of failures that were to be expected. */
export function unless(...codes) {
  return (error) => {
    if (!codes.includes(error.code)) throw error;
  };
}
