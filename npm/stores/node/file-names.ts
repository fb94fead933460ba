const ENTRY = ".json";
const LOCK = ".lock";
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const DRAFT = new RegExp(`^(.+)\\${ENTRY}\\.(${UUID})\\.(\\d+)\\.([0-9a-f]{16})$`);
const OWNER = new RegExp(`^${UUID}$`);
const PASSING = new RegExp(`(\\${ENTRY}|\\${LOCK}|\\.alive)\\.${UUID}$`);

/** A draft under a lock, by its name: whose, and which of its writes. */
export interface DraftName {
  name: string;
  stem: string;
  owner: string;
  number: number;
  checksum: string;
}

/**
 * Writes a key so that every file system takes it and tells it apart. A character that some may not take, or not tell apart,
 * such as a colon or a capital, becomes `%` and two hexadecimal digits for each of its bytes. The names of all its files begin so.
 */
export function stemOf(key: string): string {
  return Array.from(new TextEncoder().encode(key), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

export const entryOf = (stem: string): string => stem + ENTRY;
export const lockOf = (stem: string): string => stem + LOCK;
export const heartbeatOf = (owner: string): string => `${owner}.alive`;

/** The key of an entry's file; undefined for any other file. */
export function keyOf(name: string): string | undefined {
  if (!name.endsWith(ENTRY)) return undefined;
  try {
    const key = decodeURIComponent(name.slice(0, -ENTRY.length));
    return entryOf(stemOf(key)) === name ? key : undefined;
  } catch {
    return undefined; // a % that we did not write
  }
}

/** What a draft's name says; undefined for any other file. */
export function draftOf(name: string): DraftName | undefined {
  const [, stem, owner, number, checksum] = DRAFT.exec(name) ?? [];
  return stem && owner && checksum ? { name, stem, owner, number: Number(number), checksum } : undefined;
}

/** The stem of a lock's file; undefined for any other file. */
export const lockedStem = (name: string) => (name.endsWith(LOCK) ? name.slice(0, -LOCK.length) : undefined);

/** The owner of a heartbeat's file; undefined for any other file. */
export function ownerOf(name: string): string | undefined {
  const owner = name.slice(0, -heartbeatOf("").length);
  return isOwner(owner) && name === heartbeatOf(owner) ? owner : undefined;
}

export const isOwner = (text: string): boolean => OWNER.test(text);

/** Whether a file is there for a moment only: a draft without a lock, or a file that is moved aside to be deleted. */
export const isPassing = (name: string): boolean => PASSING.test(name);
