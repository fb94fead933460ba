// A caller's request as JSON: a copy that is taken at once, so that what is checked is what is sent, even if the caller changes the
// original meanwhile.

import { LumaError, messageOf } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { pathText } from "../common/problem-path.js";
import type { Problem } from "../generated/types.js";
import type { PendingMedia } from "../media/types.js";

/** Where a picture or a video stands, as a path, in the words of any provider. */
const MEDIA = /^(media|first_frame|modify_image_ref|(image_ref|style_ref|keyframes|edit_keyframes),[^,]+)$/;
const FRAME = /^keyframes,frame/;
/** Where pictures are a list of addresses. */
const ADDRESSES = /^character_ref,[^,]+,images,[^,]+$/;

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON the caller gives; the engine checks it.
export type Json = any;

export interface ReadRequest {
  /** The copy, with null in the places of what is set aside. */
  body: Json;
  /** What has to become something else before the request can be sent: files, whole generations, addresses of pictures. */
  pendingMedia: PendingMedia[];
}

/** Which forms a provider takes. */
export interface RequestForm {
  /** Requests are checked: an address alone becomes a media object, and half a character is reported. */
  checked: boolean;
  /** Pictures are fetched from their addresses, since the provider takes none. */
  fetches: boolean;
}

/** Half of a pair that only together is a character. */
const HALF = /\p{Surrogate}/u;

/** What would go out as something else: a number that JSON has not as null, half a character as what strict servers refuse. */
function unsendable(path: string[], value: unknown, checked: boolean): Problem | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { path: pathText(path), code: "invalid_type", message: `must be a number that JSON has: ${value} is none` };
  }
  if (checked && typeof value === "string" && HALF.test(value)) {
    return { path: pathText(path), code: "invalid_value", message: "has half of a character: it was cut within one, such as an emoji" };
  }
  return undefined;
}

/** A copy as JSON. */
export function snapshot(value: unknown, replacer?: (this: Json, key: string, value: Json) => unknown): Json {
  try {
    const text = JSON.stringify(value, replacer) as string | undefined;
    return text && JSON.parse(text);
  } catch (cause) {
    if (cause instanceof LumaError) throw cause;
    const message = `must be plain JSON: ${messageOf(cause)}`;
    throw new LumaError({ ...invalidRequest([{ path: "", code: "invalid_type", message }]), cause });
  }
}

/**
 * A copy as JSON of what JSON has.
 * @param replaced what stands for a value, of which `given` is what it was before its `toJSON`
 * @throws {LumaError} for what would go out as something else; for half a character where it is `checked`
 */
export function sendableCopy(value: unknown, checked: boolean, replaced: (path: string[], given: Json, value: Json) => unknown): Json {
  const paths = new Map<object, string[]>();
  const problems: Problem[] = [];
  const copy = snapshot(value, function (key, value) {
    const parent = paths.get(this);
    const path = parent ? [...parent, key] : [];
    const sent = replaced(path, this[key], value);
    if (sent && typeof sent === "object") paths.set(sent, path);
    const problem = unsendable(path, sent, checked);
    if (problem) problems.push(problem);
    return sent;
  });
  if (problems.length) throw new LumaError(invalidRequest(problems));
  return copy;
}

/** The copy of a request, and what is set aside. */
export function readRequest(request: unknown, { checked, fetches }: RequestForm): ReadRequest {
  const pendingMedia: PendingMedia[] = [];
  const body = sendableCopy(request, checked, (path, given, value) => {
    const place = path.join();
    if (checked && given) {
      if (ADDRESSES.test(place)) value = given = given.url ?? given;
      else if (MEDIA.test(place)) {
        if (typeof given === "string") value = given = { url: given };
        if (FRAME.test(place) && given.url && !given.type) value = given = { type: "image", ...given };
      }
    }
    if (isUnreadable(given)) {
      const message = "is a File that cannot be read, such as an older jsdom makes: give a File of Node's, or its bytes";
      throw new LumaError(invalidRequest([{ path: pathText(path), code: "invalid_type", message }]));
    }
    const file = fileOf(given) ?? (checked && isAddress(place) ? dataOf(given) : undefined);
    if (file || (path.length && given?.id && given.state) || (fetches && typeof given === "string" && isAddress(place))) {
      // In the place of the request itself it is nothing that could be sent, and null is refused as that.
      if (path.length) pendingMedia.push({ path, given: file ?? given });
      return null;
    }
    return value;
  });
  return { body, pendingMedia };
}

const isAddress = (place: string): boolean => ADDRESSES.test(place) || (place.endsWith(",url") && MEDIA.test(place.slice(0, -4)));

/** The content of a `data:` address in base64, which no server could fetch. */
function dataOf(value: unknown): Blob | undefined {
  const [, type = "", text] = (typeof value === "string" && /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/is.exec(value)) || [];
  if (text === undefined) return undefined;
  try {
    return new Blob([Uint8Array.from(atob(decodeURIComponent(text)), (character) => character.charCodeAt(0))], { type });
  } catch {
    return undefined;
  }
}

/** A file by its name, that cannot do what a file does. */
const isUnreadable = (value: Json): boolean =>
  /^\[object (File|Blob)\]$/.test(Object.prototype.toString.call(value)) && typeof value.arrayBuffer !== "function";

/** A file by what it can do, since another realm's are files, too; of bytes a copy. */
export function fileOf(value: Json): Blob | undefined {
  if (value?.arrayBuffer && value.slice) return value;
  if (ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]") return new Blob([value]);
  return undefined;
}
