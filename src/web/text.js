// Texts of the wasm's as JavaScript's. Most are names of fields, again and again from the same place.

/** The texts last read, by their place; a longer one is hardly a name. */
const KNOWN = 1024;
const LONGEST = 40;

const known = [];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function readText(bytes, start, length) {
  const slot = (start + length) % KNOWN;
  const last = known[slot];
  if (last?.length === length && isAt(bytes, start, last)) return last;
  const read = decoder.decode(bytes.subarray(start, start + length));
  if (length < LONGEST) known[slot] = read;
  return read;
}

/** Only what is ASCII is as long in bytes as in characters, so that nothing else is taken for equal. */
function isAt(bytes, start, text) {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
