// The forms in which a server that logs or repeats its requests may give a secret back.

import { base64 } from "./bytes.js";

/** So few characters stand in other texts as well: an id or a prompt must not change for the sake of a key of a test's. */
const SHORTEST = 8;

/** The secret itself, as a part of an address, and within base64, as of a login. */
export function formsOf(secret: string): string[] {
  const address = encodeURIComponent(secret);
  const encoded = [address, address.replace(/%../g, (byte) => byte.toLowerCase())];
  for (const before of ["", "-", "--"]) {
    const within = withinBase64(secret, before);
    encoded.push(within, within.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...new Set([secret, ...encoded])].filter((form) => form.length >= SHORTEST);
}

/** The characters of base64 that the secret alone decides, behind so much other text. */
function withinBase64(secret: string, before: string): string {
  const bytes = new TextEncoder().encode(before + secret);
  const text = base64(bytes);
  return text.slice(Math.ceil((before.length * 8) / 6), Math.floor((bytes.length * 8) / 6));
}
