// What a caller gives, as JSON: a copy that is taken at once, so that what is checked is what is sent, whatever is changed
// meanwhile.

import { LumaError } from "./error.js";

/** Where a picture or a video stands, as a path, in the words of any provider. */
const MEDIA = /^(media|first_frame|modify_image_ref|(image_ref|style_ref|keyframes|edit_keyframes),[^,]+)$/;
const FRAME = /^keyframes,frame/;
/** Where pictures are a list of addresses. */
const ADDRESSES = /^character_ref,[^,]+,images,[^,]+$/;

/** A copy as JSON. */
export function snapshot(value, replacer) {
  try {
    const text = JSON.stringify(value, replacer);
    return text && JSON.parse(text);
  } catch (cause) {
    const problem = { path: "", code: "invalid_type", message: `must be plain JSON: ${cause.message}` };
    throw new LumaError({ code: "invalid_request", message: `The request was not sent: it ${problem.message}`, problems: [problem], retryable: false, cause });
  }
}

/**
 * The copy of a request, and what has to become something else before it can be sent: files, whole generations, and with `fetches`
 * the addresses of pictures. In the copy null stands in their places. With `short`, an address alone becomes a media object.
 *
 * @returns {{ body: object, aside: { path: string[], given: Blob | object | string }[] }}
 */
export function readRequest(request, { short, fetches }) {
  const paths = new Map();
  const aside = [];
  const body = snapshot(request, function (key, value) {
    const path = paths.has(this) ? [...paths.get(this), key] : [];
    const place = path.join();
    let given = this[key]; // before its toJSON: a Buffer has one
    if (short && given) {
      if (ADDRESSES.test(place)) value = given = given.url ?? given;
      else if (MEDIA.test(place)) {
        if (typeof given === "string") value = given = { url: given };
        if (FRAME.test(place) && given.url && !given.type) value = given = { type: "image", ...given };
      }
    }
    const file = fileOf(given);
    if (file || (path.length && given?.id && given.state) || (fetches && typeof given === "string" && isAddress(place))) {
      aside.push({ path, given: file ?? given });
      return null;
    }
    if (value && typeof value === "object") paths.set(value, path);
    return value;
  });
  return { body, aside };
}

const isAddress = (place) => ADDRESSES.test(place) || (place.endsWith(",url") && MEDIA.test(place.slice(0, -4)));

/** A file by what it can do, since another realm's are files, too; of bytes a copy. */
export function fileOf(value) {
  if (value?.arrayBuffer && value.slice) return value;
  if (ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]") return new Blob([value]);
}
