// The places in a request where media stand.

import type { Kind, Reference, RequestBody } from "./types.js";

/** Fields that hold pictures alone. */
const PICTURES = /^(first_frame|modify_image_ref|image_ref|style_ref|character_ref|keyframes|edit_keyframes)$/;

/** What is to be done with a video. The request is not checked yet, so it may be anything that was written there. */
export const workOf = ({ generation_type, mode }: RequestBody) =>
  (generation_type ?? (mode ? "modify_video" : undefined)) as string | undefined;

/** The kind that a place takes; undefined where it takes either. */
export function wantedAt([field = ""]: string[], body: RequestBody): Kind | undefined {
  if (PICTURES.test(field)) return "image";
  const work = workOf(body);
  if (field !== "media" || !work) return undefined;
  return /video/.test(work) ? "video" : "image";
}

/** A copy of the request with the references in their places. */
export function fillIn(body: RequestBody, places: { path: string[]; reference: Reference }[]): RequestBody {
  const request = structuredClone(body);
  for (const { path, reference } of places) {
    const key = path.at(-1) as string;
    // The path was made while this very request was read, so it leads somewhere.
    const holder = path.slice(0, -1).reduce((at, step) => at[step] as Record<string, unknown>, request);
    if (key === "url") {
      delete holder.url;
      Object.assign(holder, reference);
    } else if (path.at(-2) === "images") {
      holder[key] = reference.url ?? reference;
    } else {
      holder[key] = key.startsWith("frame") && !reference.type ? { type: "image", ...reference } : reference;
    }
  }
  return request;
}
