// What a file is, and whether a provider takes it.

const MB = 1 << 20;

const IMAGES = ["image/jpeg", "image/png", "image/webp"];

/**
 * The most of a picture and of a video, in bytes, and the types where they are few. Sources: docs.lumalabs.ai (reframe and modify;
 * pictures for Photon), docs.agents.lumalabs.ai, both read on 2026-11-20; useapi.net, page on assets, 2026-04-06; for PiAPI
 * what integrations of 2026 found, read on 2026-11-20. A server that counts a megabyte as a million judges the rest itself.
 */
const MOST = {
  "dream-machine": { image: 10 * MB, video: 100 * MB },
  agents: { image: 50 * MB, video: 200 * MB },
  useapi: { image: 20 * MB, types: IMAGES },
  piapi: { image: 10 * MB, video: 10 * MB, types: [...IMAGES, "video/mp4"] },
  // PiAPI's are those of its own storage: of what lies in another none are known.
  elsewhere: { image: Infinity, video: Infinity },
};

/** The most bytes of a picture or a video. */
export const mostOf = (provider, kind) => MOST[provider][kind];

/**
 * The longest side of a picture in pixels, and the longest video to modify and to reframe in seconds (docs.agents.lumalabs.ai, read on
 * 2026-11-20).
 */
const LONGEST = {
  agents: { side: 8000, modify_video: 18, reframe_video: 30 },
};

/** The sound of a video may go on for so many seconds after its last picture. */
const TAIL = 0.1;

export const EXTENSIONS = {
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
];

/** The media type: what the Blob says, else what its first bytes do; empty when neither tells. */
export async function mediaType(blob) {
  const said = blob.type.split(";")[0].trim().toLowerCase();
  if (/^(image|video)\//.test(said)) return said === "image/jpg" ? "image/jpeg" : said;
  const head = String.fromCharCode(...new Uint8Array(await blob.slice(0, 16).arrayBuffer()));
  return BEGINNINGS.find(([, from, bytes]) => head.startsWith(bytes, from))?.[0] ?? said;
}

/** Why a file is not taken: the code and the words of a problem. `wanted` is `image`, `video`, or either. */
export function tooMuch(provider, size, type, wanted) {
  const kind = type.split("/")[0];
  const { types, ...most } = MOST[provider];
  if (!type) return ["invalid_type", "nothing tells what kind of file it is: give a Blob with a type, such as image/png"];
  if (kind !== (wanted ?? kind) || !["image", "video"].includes(kind)) {
    return ["invalid_type", `must be ${{ image: "a picture", video: "a video" }[wanted] ?? "a picture or a video"}, and is ${type}`];
  }
  if (!most[kind] || (types && !types.includes(type))) return ["invalid_type", `is ${type}, and ${provider} takes ${types.join(", ")}`];
  if (size === 0) return ["invalid_value", "is empty"];
  if (size > most[kind]) return ["too_large", `has ${(size / MB).toFixed(1)} MB, and ${provider} takes ${most[kind] / MB} MB for ${kind === "image" ? "a picture" : "a video"}`];
}

/** The same by what the file tells of itself (`measure`). `work`: what is to be done with a video, as `generation_type` has it. */
export function tooLong(provider, { width, height, seconds }, work) {
  const most = LONGEST[provider];
  if (Math.max(width, height) > most?.side) return ["too_large", `has ${width} x ${height} pixels, and ${provider} takes ${most.side} a side`];
  if (seconds > most?.[work] + TAIL) return ["too_large", `lasts ${seconds.toFixed(1)} s, and ${provider} takes ${most[work]} s to ${work.replace("_", " a ")}`];
}
