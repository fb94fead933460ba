// What is done with a secret, in time that does not tell how much of a guess was right.

const encoder = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The key of a secret. */
export const keyOf = (secret) => crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["sign", "verify"]);

export const sign = async (key, text) => new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));

export const verify = (key, signature, text) => crypto.subtle.verify("HMAC", key, signature, encoder.encode(text));

/** Whether two texts are the same. */
export async function equal(text, other) {
  const key = await crypto.subtle.generateKey(HMAC, false, ["sign", "verify"]);
  return verify(key, await sign(key, text), other);
}
