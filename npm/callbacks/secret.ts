// Signs and compares by a secret, in time that does not reveal how much of a guess was right.

const encoder = new TextEncoder();
const HMAC: HmacKeyGenParams = { name: "HMAC", hash: "SHA-256" };

/** The key of a secret. */
export const keyOf = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["sign", "verify"]);

export const sign = async (key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));

export const verify = (key: CryptoKey, signature: Uint8Array<ArrayBuffer>, text: string): Promise<boolean> =>
  crypto.subtle.verify("HMAC", key, signature, encoder.encode(text));

/** Whether two texts are the same. */
export async function equal(text: string, other: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey(HMAC, false, ["sign", "verify"]);
  return verify(key, await sign(key, text), other);
}
