// Finds the caller of a token, in a time that reveals nothing about the valid tokens.

import { hex, sha256 } from "../bytes.js";
import type { Caller } from "./callers.js";

/** The longest that is worth a hash. */
export const LONGEST = 512;

/** What a page's WebSocket speaks. It sets no header fields, so its token may come as another subprotocol. */
export const SUBPROTOCOL = "luma-edge";

export const subprotocolsOf = (request: Request): string[] =>
  (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());

/** The token of a request, where each provider's clients put their key. */
export function tokenOf(request: Request): string | undefined {
  const bearer = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const token = bearer ?? request.headers.get("x-api-key") ?? offered(request);
  return token && token.length <= LONGEST ? token : undefined;
}

/** That of a WebSocket, as it is or, since a subprotocol has no signs such as `/` and `=`, as `base64url.` and the base64url of it. */
function offered(request: Request): string | undefined {
  const [first, token] = subprotocolsOf(request);
  if (first !== SUBPROTOCOL || !token?.startsWith("base64url.")) return first === SUBPROTOCOL ? token : undefined;
  try {
    return atob(token.slice("base64url.".length).replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
}

/** The SHA-256 of a token in hexadecimal, as `CALLERS` and `ADMIN_SHA256` keep it. */
export async function hashToken(token: string): Promise<string> {
  return hex(await sha256(token));
}

/** Compares with every caller, and each hash in full, even after a match. */
export async function callerOf(token: string, callers: readonly Caller[]): Promise<Caller | undefined> {
  const hash = await hashToken(token);
  let found: Caller | undefined;
  for (const caller of callers) if (isEqual(hash, caller.sha256)) found = caller;
  return found;
}

/** In a time that does not reveal how much of them is equal. */
export function isEqual(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
}
