// Addresses for callbacks that only we can have given out: providers do not sign what they POST.

import { LumaError } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { keyOf, sign, verify } from "./secret.js";

const DAY = 86_400_000;

/** A shorter secret could be found by someone who sees an address and tries all there are. */
const SHORTEST = 16;

/** What we add to an address. */
const TICKET = "luma_ticket";
const EXPIRES = "luma_expires";
const SIGNATURE = "luma_signature";

/**
 * An address that no one else could have made: `base`, with what you know the job by, until when the address is good, and an
 * HMAC-SHA-256 over both. What `base` has of its own stays as it is, also a `{ticket}`, which becomes the id of the client's
 * ticket when the job is created; it is not signed.
 *
 * @param base where your server listens
 * @param secret at least 16 characters that cannot be guessed; the address does not reveal them
 * @param ticket what you know the job by, such as the id of an order; anyone who sees the address can read it
 * @throws `invalid_request` for a secret that is too short
 */
export async function callbackUrl(
  base: string | URL,
  secret: string,
  ticket: string,
  options: {
    /** When the address ends: in so many ms, 7 days by default, or at a date. */
    expires?: number | Date | undefined;
  } = {},
): Promise<string> {
  const { expires = 7 * DAY } = options;
  const end = Math.floor(expires instanceof Date ? expires.getTime() : Date.now() + expires);
  if (!Number.isSafeInteger(end)) throw wrong("expires", "must be a number of ms from now, or a Date");
  if (typeof ticket !== "string") throw wrong("ticket", "must be a string: what you know the job by");
  const signature = await sign(await strong(secret), signed(ticket, String(end)));
  const [address = "", ...fragment] = String(base).split("#");
  const fields = `${TICKET}=${encodeURIComponent(ticket)}&${EXPIRES}=${end}&${SIGNATURE}=${toText(signature)}`;
  // Not by `URL`: it would write a {ticket} in the path in another way.
  return [address + (address.includes("?") ? "&" : "?") + fields, ...fragment].join("#");
}

/**
 * Checks whether an address is one that {@link callbackUrl} made with this secret, and for what.
 *
 * @param requestOrUrl what was received, or its address; a path with its query is enough
 * @throws `authentication` for an address that was not given out so; `gone` for one that was, and has ended
 */
export async function verifyCallback(
  requestOrUrl: string | URL | { url?: string | undefined },
  secret: string,
): Promise<{ ticket: string; expires: Date }> {
  const address = (requestOrUrl as { url?: string } | undefined)?.url ?? (requestOrUrl as string | URL);
  const fields = fieldsOf(address);
  const ticket = fields.get(TICKET);
  const expires = fields.get(EXPIRES);
  const signature = toBytes(fields.get(SIGNATURE) ?? "");
  const key = await strong(secret);
  if (ticket === null || expires === null || !(await verify(key, signature, signed(ticket, expires)))) {
    throw new LumaError({
      code: "authentication",
      message: "The callback's address was not given out with this secret, or was changed since",
      retryable: false,
    });
  }
  const end = new Date(Number(expires));
  if (Date.now() > end.getTime())
    throw new LumaError({ code: "gone", message: `The callback's address was good until ${end.toISOString()}`, retryable: false });
  return { ticket, expires: end };
}

/** None where the address cannot be read: a stranger's `GET //` gives a server one. */
function fieldsOf(address: string | URL): URLSearchParams {
  try {
    return new URL(address, "http://localhost").searchParams; // a server may know its path alone
  } catch {
    return new URLSearchParams();
  }
}

/** The expiry has no space in it, so that nothing else is signed by the same text. */
const signed = (ticket: string, expires: string) => `luma-edge callback ${expires} ${ticket}`;

async function strong(secret: string): Promise<CryptoKey> {
  if (typeof secret === "string" && secret.length >= SHORTEST) return keyOf(secret);
  throw wrong("secret", `must be a string of at least ${SHORTEST} characters, such as crypto.randomUUID() gives`);
}

function wrong(path: string, message: string): LumaError {
  return new LumaError(invalidRequest([{ path, code: "invalid_value", message }], "The callback's address"));
}

const toText = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** No bytes when it is no such text. */
function toBytes(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
