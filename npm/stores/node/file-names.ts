const ENTRY = ".json";

/**
 * Writes a key so that every file system takes it and tells it apart. A character that some may not take, or not tell apart,
 * such as a colon or a capital, becomes `%` and two hexadecimal digits for each of its bytes.
 */
export function fileNameOf(key: string): string {
  return Array.from(new TextEncoder().encode(key), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** The file name of an entry. */
export function nameOf(key: string): string {
  return fileNameOf(key) + ENTRY;
}

/** The key of an entry's file; undefined for any other file. */
export function keyOf(name: string): string | undefined {
  if (!name.endsWith(ENTRY)) return undefined;
  try {
    const key = decodeURIComponent(name.slice(0, -ENTRY.length));
    return nameOf(key) === name ? key : undefined;
  } catch {
    return undefined; // a % that we did not write
  }
}
