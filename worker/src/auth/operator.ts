// The operator of this server, identified by a separate token. A browser asks for it as the password of any user.

import type { Settings } from "../env.js";
import { Refusal } from "../refusal.js";
import { hashToken, isEqual, LONGEST, tokenOf } from "./token.js";

const AUTHENTICATE = 'Basic realm="luma-edge", charset="UTF-8"';

/** @throws {Refusal} unless the request has the operator's token */
export async function operated(request: Request, { adminSha256 }: Settings): Promise<void> {
  if (adminSha256 === undefined)
    throw new Refusal(403, "not_configured", "This server has no token for its operator yet: set the secret ADMIN_SHA256.");
  const token = passwordOf(request) || tokenOf(request); // never none at all, whatever hash was set
  if (token === undefined || !isEqual(await hashToken(token), adminSha256))
    throw new Refusal(401, "unauthorized", "The operator's token is needed: authorization: Bearer <token>.", {
      authenticate: AUTHENTICATE,
    });
}

function passwordOf(request: Request): string | undefined {
  const encoded = /^Basic ([\w+/=]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (encoded === undefined || encoded.length > 2 * LONGEST) return undefined;
  try {
    const [, ...password] = atob(encoded).split(":");
    return password.join(":");
  } catch {
    return undefined;
  }
}
