// Which object makes a creation: one and the same for one key of a caller's.

import type { ProviderId } from "luma-edge";
import { hex, sha256 } from "../bytes.js";
import type { Env } from "../env.js";
import { Refusal } from "../refusal.js";
import type { Creation } from "./creation.js";

/** What an Idempotency-Key is made of. */
export const KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws {Refusal} for a key that is none */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key") ?? undefined;
  if (key !== undefined && !KEY.test(key))
    throw new Refusal(400, "idempotency", "An Idempotency-Key is 1 to 255 letters, digits and signs, without spaces.");
  return key;
}

export function creationOf(env: Env, provider: ProviderId, caller: string, key: string | undefined): DurableObjectStub<Creation> {
  const { CREATION } = env;
  return CREATION.get(key === undefined ? CREATION.newUniqueId() : CREATION.idFromName(JSON.stringify([provider, caller, key])));
}

/** A job of the queue has one object for as long as it lives. */
export const creationOfJob = (env: Env, job: string): DurableObjectStub<Creation> => env.CREATION.get(env.CREATION.idFromName(job));

/** The SHA-256 of a value, whatever the order of its fields. */
export async function hashOf(value: unknown): Promise<string> {
  return hex(await sha256(sorted(value)));
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
