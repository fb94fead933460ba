// What kind of file it is, by its first bytes: what a server or a caller says of it proves nothing.

/** So many bytes are enough to know. */
export const HEAD = 16;

/** How such files begin: from which byte, with what. The first that fits counts. */
const BEGINNINGS: readonly (readonly [type: string, from: number, bytes: string])[] = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["image/heic", 4, "ftyphe"],
  ["image/heic", 4, "ftypmif1"],
  ["image/avif", 4, "ftypavi"],
  ["video/quicktime", 4, "ftypqt"],
  ["video/mp4", 4, "ftyp"],
  ["video/webm", 0, "\x1aE\xdf\xa3"],
  ["application/zip", 0, "PK\x03\x04"],
  ["image/x-exr", 0, "v/1\x01"],
];

const ENDINGS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/heic": "heic",
  "image/avif": "avif",
  "video/quicktime": "mov",
  "video/mp4": "mp4",
  "video/webm": "webm",
  "application/zip": "zip",
  "image/x-exr": "exr",
};

/** Of a file that is kept though its kind is newer than this version. */
export const UNKNOWN = "application/octet-stream";

export const endingOf = (type: string): string => ENDINGS[type] ?? "bin";

/** The type of a file that begins so; undefined where no beginning fits. */
export function typeOf(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, HEAD));
  return BEGINNINGS.find(([, from, bytes]) => text.startsWith(bytes, from))?.[0];
}
