// The deployment's one secret, and the keys that are derived from it, each for one purpose: none of them tells another.

const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();

/** In bytes: what HMAC-SHA-256 makes of a key. */
const SHORTEST = 32;

/** The secrets of `SIGNING_SECRET`, the newest first: while a secret is replaced there are two. @throws {Error} */
export function parseSecrets(value: string): string[] {
  const secrets = value.split(/\s+/).filter(Boolean);
  if (secrets.length > 2 || secrets.some((secret) => bytesOf(secret).length < SHORTEST))
    throw new Error(
      "SIGNING_SECRET must be 32 random bytes in base64, as `openssl rand -base64 32` makes them; or two such, the newest first",
    );
  return secrets;
}

/** The key of a purpose. */
export const derived = (secret: string, purpose: string): Promise<Uint8Array<ArrayBuffer>> => hmac(bytesOf(secret), purpose);

export async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

/** No bytes when it is no such text. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
