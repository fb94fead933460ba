// Recognises the type of a file.

/** The media types that are known, and how the name of such a file ends. */
const EXTENSIONS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/heic": "heic",
  "image/avif": "avif",
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "video/webm": "webm",
};

/** How the name of a file of this type ends; undefined where that is not known. */
export const extensionOf = (type: string): string | undefined => EXTENSIONS[type];

/** How such files begin: from which byte, with what. */
const BEGINNINGS = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["image/heic", 4, "ftyphei"],
  ["image/heic", 4, "ftypmif1"],
  ["image/avif", 4, "ftypavif"],
  ["video/quicktime", 4, "ftypqt"],
  ["video/mp4", 4, "ftyp"],
  ["video/webm", 0, "\x1aE\xdf\xa3"],
] as const;

/** The media type: what the Blob says, else what its first bytes do; empty when neither shows it. */
export async function mediaType(blob: Blob): Promise<string> {
  const said = blob.type.replace(/;.*/s, "").trim().toLowerCase();
  if (/^(image|video)\//.test(said)) return said === "image/jpg" ? "image/jpeg" : said;
  const head = String.fromCharCode(...new Uint8Array(await blob.slice(0, 16).arrayBuffer()));
  return BEGINNINGS.find(([, from, bytes]) => head.startsWith(bytes, from))?.[0] ?? said;
}
