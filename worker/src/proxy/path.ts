// The address of a request, taken apart so that nothing in it can lead elsewhere: each part is decoded, checked, and encoded again.

import type { ProviderId } from "luma-edge";
import { KEY } from "../creation/key.js";
import { isProvider } from "../env.js";
import { Refusal } from "../refusal.js";

/** What ids and the names of operations are made of; an e-mail address is in those of useapi. */
const PART = /^[\w@.+:,~-]{1,300}$/;

/** Which provider a request is for, and where there. */
export interface ProviderPath {
  provider: ProviderId;
  /** The path at the provider, part by part. */
  parts: string[];
}

/** @throws {Refusal} for anything that is not plainly a path of a provider */
export function parsePath(pathname: string, defaultProvider: ProviderId): ProviderPath {
  const [, , ...encoded] = pathname.split("/");
  const parts = encoded.map((part, index) => decoded(part, encoded[index - 1] === "creations" ? KEY : PART));
  const [first, ...rest] = parts;
  return isProvider(first) ? { provider: first, parts: rest } : { provider: defaultProvider, parts };
}

function decoded(part: string, form: RegExp): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw noPath();
  }
  if (!form.test(text) || /^\.+$/.test(text)) throw noPath();
  return text;
}

export const noPath = () =>
  new Refusal(
    404,
    "not_found",
    "There is no such path on this server: one of a provider has its name in it, as in /luma/agents/generations.",
  );
