// Addresses for callbacks that only we can have given out: providers do not sign what they POST.

import { keyOf, sign, verify } from "./callbacks/secret.js";
import { LumaError } from "./error.js";

const DAY = 86_400_000;

/** With a shorter one somebody who sees an address could try all there are. */
const SHORTEST = 16;

/** What we add to an address. */
const TICKET = "luma_ticket";
const EXPIRES = "luma_expires";
const SIGNATURE = "luma_signature";

/** Documented in callbacks.d.ts. */
export async function callbackUrl(base, secret, ticket, { expires = 7 * DAY } = {}) {
  const end = Math.floor(expires instanceof Date ? expires.getTime() : Date.now() + expires);
  if (!Number.isSafeInteger(end)) throw wrong("expires", "must be a number of ms from now, or a Date");
  if (typeof ticket !== "string") throw wrong("ticket", "must be a string: what you know the job by");
  const signature = await sign(await strong(secret), signed(ticket, end));
  const [address, ...fragment] = String(base).split("#");
  const fields = `${TICKET}=${encodeURIComponent(ticket)}&${EXPIRES}=${end}&${SIGNATURE}=${toText(signature)}`;
  // Not by `URL`: it would write a {ticket} in the path in another way.
  return [address + (address.includes("?") ? "&" : "?") + fields, ...fragment].join("#");
}

/** Documented in callbacks.d.ts. */
export async function verifyCallback(requestOrUrl, secret) {
  const { searchParams } = new URL(requestOrUrl?.url ?? requestOrUrl, "http://localhost"); // a server may know its path alone
  const [ticket, expires, signature] = [TICKET, EXPIRES, SIGNATURE].map((name) => searchParams.get(name));
  const genuine = await verify(await strong(secret), toBytes(signature ?? ""), signed(ticket, expires));
  if (!genuine) throw new LumaError({ code: "authentication", message: "The callback's address was not given out with this secret, or was changed since", retryable: false });
  if (Date.now() > Number(expires)) {
    throw new LumaError({ code: "gone", message: `The callback's address was good until ${new Date(Number(expires)).toISOString()}`, retryable: false });
  }
  return { ticket, expires: new Date(Number(expires)) };
}

/** The expiry has no space in it, so that nothing else is signed by the same text. */
const signed = (ticket, expires) => `luma-edge callback ${expires} ${ticket}`;

function strong(secret) {
  if (typeof secret === "string" && secret.length >= SHORTEST) return keyOf(secret);
  throw wrong("secret", `must be a string of at least ${SHORTEST} characters, such as crypto.randomUUID() gives`);
}

function wrong(path, message) {
  return new LumaError({ code: "invalid_request", message: `${path} ${message}`, problems: [{ path, code: "invalid_value", message }], retryable: false });
}

const toText = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Nothing when it is no such text. */
function toBytes(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
