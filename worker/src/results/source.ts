// Where a file is copied from. Its address comes from a provider's answer, so each hop to it is checked, and no key goes along.

import { whyPrivate } from "../requests/addresses.js";
import { Expired, NotKept } from "./not-kept.js";

const MOST_REDIRECTS = 3;
/** How long a source may send nothing, in ms. */
const IDLE = 30_000;

/** Statuses of links that have expired, and of files that are gone: each storage has its own. */
const EXPIRED = [400, 401, 403, 404, 409, 410];

/** What a source says of its file. */
export interface Facts {
  /** What it answers an `If-Range` by; without it a copy that was cut off begins anew. */
  validator?: string;
  /** The size of the whole, in bytes. */
  total?: number;
}

export interface Opened extends Facts {
  /** At which byte it begins: 0 where the source gives the whole all the same. */
  from: number;
  chunks: AsyncIterable<Uint8Array>;
}

/** What may be reached. */
export interface Reach {
  /** The provider's own origin, which is reached even where it is private: a simulator's. */
  home: string;
  /** For every other: one of public addresses alone, where there is such. */
  network?: Pick<Fetcher, "fetch">;
}

/**
 * Asks for a file from a byte on.
 * @param until ends it, whatever comes
 * @throws {NotKept}
 */
export async function opened(url: string, reach: Reach, from: number, facts: Facts, until: AbortSignal): Promise<Opened> {
  const stop = new AbortController();
  const signal = AbortSignal.any([until, stop.signal]);
  const range = from && facts.validator ? { range: `bytes=${from}-`, "if-range": facts.validator } : {};
  const response = await within(IDLE, stop, followed(url, reach, { "accept-encoding": "identity", ...range }, signal));
  const chunks = chunksOf(response, stop);
  const refuse = (error: NotKept): never => {
    stop.abort();
    throw error;
  };
  const { status, headers } = response;
  if (EXPIRED.includes(status)) return refuse(new Expired(`The link to the file is not good any more (${status}).`));
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  const isRest =
    status === 206 && Number(first) === from && (facts.total === undefined || Number(total) === facts.total) && isSame(headers, facts);
  if (from && (status === 416 || (status === 206 && !isRest))) {
    stop.abort();
    return opened(url, reach, 0, {}, until); // the source's file is another now, or it cannot count
  }
  if (status !== 200 && !isRest) return refuse(new NotKept(`The file's server answered ${status}.`));
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return refuse(new NotKept("The file came compressed."));
  if (isRest) return { ...facts, from, chunks, total: Number(total) };
  return { from: 0, chunks, ...factsOf(headers, headers.get("content-length")) };
}

async function followed(
  url: string,
  { home, network = globalThis }: Reach,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  let at = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const isHome = URL.canParse(at) && new URL(at).origin === home;
    if (!isHome) checkAddress(at);
    const response = await (isHome ? globalThis : network).fetch(at, { headers, signal, redirect: "manual" });
    const to = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || to === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(to, at)) throw new NotKept("The file's server answered with a redirect to nowhere.", true);
    at = new URL(to, at).href;
  }
  throw new NotKept(`The file lies behind more than ${MOST_REDIRECTS} redirects.`, true);
}

function checkAddress(address: string): void {
  const why = whyPrivate(address) ?? (address.toLowerCase().startsWith("https:") ? undefined : "must begin with https://");
  if (why) throw new NotKept(`The file is not fetched: its address ${why}.`, true);
}

/** Whether what came is still of the same file, as far as its server says: not every one reads `If-Range`. */
function isSame(headers: Headers, { validator }: Facts): boolean {
  const now = headers.get(validator?.startsWith('"') ? "etag" : "last-modified");
  return validator === undefined || now === null || now === validator;
}

function factsOf(headers: Headers, length: string | null): Facts {
  const etag = headers.get("etag");
  const validator = etag && !etag.startsWith("W/") ? etag : headers.get("last-modified");
  return { ...(validator && { validator }), ...(length !== null && { total: Number(length) }) };
}

async function* chunksOf({ body }: Response, stop: AbortController): AsyncGenerator<Uint8Array> {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader();
  try {
    for (;;) {
      const { done, value } = (await (reader && within(IDLE, stop, reader.read()))) ?? { done: true };
      if (done || !value) return;
      yield value;
    }
  } finally {
    stop.abort(); // also when its reader has seen enough
  }
}

/** What comes in time; else it is let go. */
async function within<T>(ms: number, stop: AbortController, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => stop.abort(new NotKept("The file's server sent nothing for too long.")), ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
