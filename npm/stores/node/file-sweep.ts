import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { draftOf, heartbeatOf, isPassing, lockedStem, lockOf, ownerOf } from "./file-names.js";
import { readIfThere, removeIf, unless } from "./file-steps.js";
import { isAlive } from "./heartbeat.js";

/**
 * After how many ms a file of a process surely is abandoned, where it is not known whether the process has ended: an hour. One that
 * stands still in a debugger loses its locks to another that wants them, not to one that tidies up.
 */
const ABANDONED = 3_600_000;

/** Removes a lock whose holder has ended, or is gone for so many ms, after its drafts were adopted. */
type Clear = (stem: string, grace: number) => Promise<unknown>;

/** Tidies up after processes that were killed. */
export async function sweep(folder: string, clear: Clear) {
  const names = (await readdir(folder).catch(unless("ENOENT"))) ?? [];
  const stems = new Set(names.map((name) => lockedStem(name) ?? draftOf(name)?.stem));
  for (const stem of stems) if (stem !== undefined) await clear(stem, ABANDONED);

  for (const name of names) {
    const path = join(folder, name);
    const draft = draftOf(name);
    if (draft) {
      // While the lock is its owner's, another process may be about to adopt it.
      const heartbeat = await readIfThere(join(folder, heartbeatOf(draft.owner)));
      const isGone = heartbeat === undefined || !isAlive(heartbeat, ABANDONED);
      if (isGone && (await readIfThere(join(folder, lockOf(draft.stem)))) !== draft.owner) await rm(path, { force: true });
    } else if (ownerOf(name)) {
      const heartbeat = await readIfThere(path);
      // An empty one may have been created this moment.
      if (heartbeat ? !isAlive(heartbeat, ABANDONED) : await isOld(path)) await removeIf(path, heartbeat ?? "");
    } else if (isPassing(name) && (await isOld(path))) {
      await rm(path, { force: true });
    }
  }
}

async function isOld(path: string) {
  const found = await stat(path).catch(unless("ENOENT"));
  return found !== undefined && found.mtimeMs + ABANDONED < Date.now();
}
