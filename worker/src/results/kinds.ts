// What a file must be that a provider calls so: a web page in the place of a video is never kept.

import { typeOf, UNKNOWN } from "../bucket/types.js";
import { NotKept } from "./not-kept.js";

const KINDS: readonly (readonly [name: RegExp, types: RegExp])[] = [
  [/exr/, /^(?:application\/zip|image\/x-exr)$/],
  [/video/, /^video\//],
  [/image|thumbnail|frame|layer/, /^image\//],
];

/** How a page, an error in JSON or XML, or any other text begins. */
const TEXT = /^(?:\xef\xbb\xbf)?\s*[<{[]/;

/** The type of a file by its beginning. @throws {NotKept} for one that cannot be what it should be */
export function checkedType(kind: string, head: Uint8Array): string {
  const type = typeOf(head);
  const known = KINDS.find(([name]) => name.test(kind));
  const isText = TEXT.test(String.fromCharCode(...head.subarray(0, 64)));
  if (known ? !type || !known[1].test(type) : !type && isText)
    throw new NotKept(
      `The file that should be the generation's ${kind} is ${isText ? "a text or a web page" : (type ?? "of no known type")}.`,
      true,
    );
  return type ?? UNKNOWN;
}
