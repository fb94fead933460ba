const ENTRY = ".json";

/**
 * What a key is called as a file. What some file system may not take, or not tell apart, such as a colon or a capital,
 * becomes `%` and two hexadecimal digits for each of its bytes.
 */
export function escape(key) {
  return Array.from(new TextEncoder().encode(key), (byte) => {
    const sign = String.fromCharCode(byte);
    return /[a-z0-9-]/.test(sign) ? sign : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

export function nameOf(key) {
  return escape(key) + ENTRY;
}

/** The key of an entry's file; undefined for any other file. */
export function keyOf(name) {
  if (!name.endsWith(ENTRY)) return undefined;
  try {
    const key = decodeURIComponent(name.slice(0, -ENTRY.length));
    return nameOf(key) === name ? key : undefined;
  } catch {
    return undefined; // a % of somebody else's
  }
}
