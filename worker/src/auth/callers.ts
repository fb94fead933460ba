// Who may call. A caller's token is kept only as its SHA-256, so reading the settings does not let anyone call.

import { type Limits, parseLimits } from "../limits/limits.js";

export interface Caller {
  /** What logs, budgets and ownership know the caller by. */
  name: string;
  /** The SHA-256 of its token, in hexadecimal. */
  sha256: string;
  limits?: Limits;
}

const NAME = /^[\w.@-]{1,100}$/;
export const SHA256 = /^[0-9a-f]{64}$/;

/** @throws {Error} about the first that is not right */
export function parseCallers(value: unknown): Caller[] {
  if (!Array.isArray(value)) throw new Error("CALLERS must be a list");
  const callers = value.map(({ name, sha256, limits, ...others }: Record<string, unknown>, index): Caller => {
    const at = `CALLERS[${index}]`;
    if (Object.keys(others).length) throw new Error(`${at}: ${Object.keys(others)[0]} is not known`);
    if (typeof name !== "string" || !NAME.test(name)) throw new Error(`${at}: name must be 1 to 100 letters, digits or . _ @ -`);
    if (typeof sha256 !== "string" || !SHA256.test(sha256)) throw new Error(`${at}: sha256 must be 64 hexadecimal digits, in lower case`);
    return { name, sha256, ...(limits !== undefined && { limits: parseLimits(`${at}.limits`, limits) }) };
  });
  if (new Set(callers.map(({ name }) => name)).size < callers.length) throw new Error("CALLERS: two have the same name");
  return callers;
}
