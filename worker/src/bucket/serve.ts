// Serves a file of the bucket to anyone who knows its name. Any page may read it, none may run it.

import { Refusal } from "../refusal.js";
import { type Folder, isName, keyOf } from "./names.js";
import { partOf } from "./ranges.js";
import { endingOf, UNKNOWN } from "./types.js";

/** Metadata of a file in the bucket: from when on it is not given any more, in ms. */
export const EXPIRES = "expires";

const YEAR = 31_536_000;

const OPEN = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "accept-ranges, content-disposition, content-length, content-range, etag",
  "cross-origin-resource-policy": "cross-origin",
};

/** @throws {Refusal} */
export async function serve(request: Request, bucket: R2Bucket | undefined, folder: Folder): Promise<Response> {
  const { method, headers } = request;
  if (method === "OPTIONS")
    return new Response(null, {
      status: 204,
      headers: {
        ...OPEN,
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "*",
        "access-control-max-age": "7200",
      },
    });
  if (method !== "GET" && method !== "HEAD") throw new Refusal(405, "method", "Only GET and HEAD are allowed here.");
  const { pathname, searchParams } = new URL(request.url);
  const name = pathname.slice(`/${folder}/`.length);
  const found = bucket && isName(name) ? await bucket.head(keyOf(folder, name)) : null;
  const seconds = found ? secondsLeft(found) : 0;
  if (!bucket || !found || seconds <= 0) throw new Refusal(404, "not_found", "There is no such file, or its time is over.");

  const own = { ...OPEN, ...headersOf(found, seconds), ...disposition(found, name, searchParams.get("download")) };
  if (isAmong(headers.get("if-none-match"), found.httpEtag)) return new Response(null, { status: 304, headers: own });
  const part = isSame(headers.get("if-range"), found) ? partOf(headers.get("range"), found.size) : undefined;
  if (part === "none") {
    const refusal = new Refusal(416, "range", `The file has ${found.size} bytes.`).response();
    for (const [name, value] of Object.entries({ ...OPEN, "content-range": `bytes */${found.size}` })) refusal.headers.set(name, value);
    return refusal;
  }
  const length = String(part?.length ?? found.size);
  const status = part ? 206 : 200;
  const all = {
    ...own,
    "content-length": length,
    "content-type": found.httpMetadata?.contentType ?? UNKNOWN,
    ...(part && { "content-range": `bytes ${part.offset}-${part.offset + part.length - 1}/${found.size}` }),
  };
  if (method === "HEAD") return new Response(null, { status, headers: all });
  const object = await bucket.get(found.key, part && { range: part });
  if (!object) throw new Refusal(404, "not_found", "There is no such file, or its time is over.");
  return new Response(object.body, { status, headers: all });
}

/** How long its reader may cache it. */
function secondsLeft({ customMetadata }: R2Object): number {
  const expires = Number(customMetadata?.[EXPIRES]);
  return expires ? Math.min(YEAR, Math.floor((expires - Date.now()) / 1000)) : YEAR;
}

function headersOf({ httpEtag, uploaded }: R2Object, seconds: number): Record<string, string> {
  return {
    "accept-ranges": "bytes",
    "cache-control": `public, max-age=${seconds}, immutable`,
    "content-security-policy": "default-src 'none'; media-src 'self'; sandbox; frame-ancestors 'none'",
    etag: httpEtag,
    "last-modified": uploaded.toUTCString(),
  };
}

/** As a file to save, under a name that is asked for; its ending is that of what it is. */
function disposition({ httpMetadata }: R2Object, name: string, download: string | null): Record<string, string> {
  const type = httpMetadata?.contentType ?? UNKNOWN;
  if (download === null && type !== UNKNOWN) return {};
  const stem = (download ?? "")
    .replace(/\.[a-z0-9]{2,4}$/i, "")
    .replace(/[^\w. -]/g, "_")
    .slice(0, 100)
    .trim();
  return { "content-disposition": `attachment; filename="${stem ? `${stem}.${endingOf(type)}` : name}"` };
}

const isAmong = (list: string | null, etag: string): boolean =>
  (list ?? "").split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);

/** Whether a part is of what its reader has already. */
const isSame = (ifRange: string | null, { httpEtag, uploaded }: R2Object): boolean =>
  ifRange === null || ifRange === httpEtag || ifRange === uploaded.toUTCString();
