// A value is written into a file of its own, the draft, which then is renamed to the entry: so an entry is never half-written.
//
// The draft of a lock's holder says in its name who that is. Whoever finds the holder gone first renames what it left, and only then
// removes its lock. So what the holder wrote last is what the next one reads; and it undoes nothing that was written later.

import { createHash, randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type DraftName, draftOf, entryOf } from "./file-names.js";
import { codeOf, readIfThere, syncFolder, unless } from "./file-steps.js";

type Guard = (() => Promise<void>) | undefined;

let written = 0;

/** Writes a draft within the call, so that a program that is killed after the call loses nothing. Its name has a checksum: is it whole? */
export function writeDraft(entry: string, value: string, owner: string | undefined): string {
  const draft = owner ? `${entry}.${owner}.${++written}.${checksumOf(value)}` : `${entry}.${randomUUID()}`;
  try {
    writeFileSync(draft, value, { flag: "wx", mode: 0o600 });
    return draft;
  } catch (error) {
    rmSync(draft, { force: true }); // half of it, on a full disk
    throw error;
  }
}

/** Makes a draft the entry, or removes it. */
export async function publish(draft: string, entry: string, guard: Guard) {
  try {
    await syncFile(draft);
    await guard?.();
    await rename(draft, entry);
  } catch (error) {
    await rm(draft, { force: true });
    if (codeOf(error) === "ENOENT") await guard?.(); // who has taken the lock over has taken the draft, too
    throw error;
  }
}

/**
 * Makes the drafts that a lock's former holder left the entry, in the order in which it wrote them. Several processes may do so at the
 * same time: none comes to a draft before those ahead of it are renamed.
 */
export async function adopt(folder: string, stem: string, owner: string, isLocked: () => Promise<boolean>) {
  const entry = join(folder, entryOf(stem));
  const names = (await readdir(folder)).filter((name) => name.startsWith(entryOf(stem)));
  const drafts = names.map(draftOf).filter((draft) => draft?.owner === owner) as DraftName[];
  for (const { name, checksum } of drafts.sort((a, b) => a.number - b.number)) {
    const draft = join(folder, name);
    const value = await readIfThere(draft);
    if (value === undefined) continue;
    const counts = checksumOf(value) === checksum && !(await isOlder(draft, entry));
    if (counts) await syncFile(draft).catch(unless("ENOENT"));
    if (!(await isLocked())) return;
    if (counts) await rename(draft, entry).catch(unless("ENOENT"));
    else await rm(draft, { force: true });
  }
  if (drafts.length) await syncFolder(folder);
}

async function syncFile(path: string) {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Some write without the lock came later, such as that of a caller who edits a ticket. */
async function isOlder(draft: string, entry: string) {
  const [ours, theirs] = await Promise.all([draft, entry].map((path) => stat(path).catch(unless("ENOENT"))));
  return Boolean(ours && theirs && ours.mtimeMs < theirs.mtimeMs);
}

const checksumOf = (value: string) => createHash("sha256").update(value).digest("hex").slice(0, 16);
