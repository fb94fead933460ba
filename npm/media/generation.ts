// A generation where media stand: named where its provider takes that, and elsewhere the file that it made.

import type { Generation, ProviderId } from "../generated/types.js";
import type { Kind, MediaClient, Reference, Wrong } from "./types.js";

/** Where a provider takes a generation of its own by name. A video is extended, even if it also has a picture. */
const NAMED: Partial<Record<ProviderId, (field: string | undefined, given: Generation, client: MediaClient) => boolean>> = {
  "dream-machine": (field, { assets }) => field === "keyframes" && Boolean(assets?.video || !assets?.image),
  agents: () => true,
  piapi: (field, _, { schema }) => field === "keyframes" && schema === "2025",
};

/**
 * What a generation is in a place that takes a `kind`, or either: its `name`, or the `url` of its file. With neither, `wrong` has the
 * code and the words of a problem.
 */
export function readGeneration(
  client: MediaClient,
  given: Generation,
  path: string[],
  kind: Kind | undefined,
): { name: Reference } | { url: string } | { wrong: Wrong } {
  // A caller may have put it together by hand, with less than its type says.
  const { id, state, provider: maker = client.provider } = given;
  const assets = given.assets ?? {};
  if (maker === client.provider && NAMED[maker]?.(path[0], given, client)) {
    // An id alone does not show what it is: with its type, what cannot be gone on from is refused before it is sent.
    const media_type = maker === "agents" ? (assets.video ? "video/mp4" : assets.image && "image/png") : undefined;
    return { name: { type: "generation", id, ...(media_type && { media_type }) } };
  }
  // What begins with a video begins with its last picture.
  const picture = assets.video ? path[1] === "frame0" && assets.last_frame : assets.image;
  const url = (kind ?? (assets.video ? "video" : "image")) === "video" ? assets.video : picture;
  if (url) return { url };
  const which = `generation ${id} of ${maker}`;
  if (!assets.video && !assets.image) return { wrong: ["invalid_value", `${which} is ${state}: it has no file that could be sent`] };
  const what = assets.video ? "a video that cannot be named here: give a picture of it" : "a picture";
  return { wrong: ["invalid_type", `must be ${kind === "video" ? "a video" : "a picture"}, and ${which} is ${what}`] };
}
