// A generation where media stand: named where its provider takes that, and elsewhere the file that it made.

/** Where a provider takes a generation of its own by name. A video is gone on from, whatever picture of it there is beside it. */
const NAMED = {
  "dream-machine": (field, { assets }) => field === "keyframes" && Boolean(assets?.video || !assets?.image),
  agents: () => true,
  piapi: (field, _, { schema }) => field === "keyframes" && schema === "2025",
};

/**
 * What a generation is in a place that takes a `kind`, or either: its `name`, or the `url` of its file. With neither, `wrong` has the
 * code and the words of a problem.
 */
export function readGeneration(client, given, path, kind) {
  const { id, state, provider: maker = client.provider } = given;
  const assets = given.assets ?? {};
  if (maker === client.provider && NAMED[maker]?.(path[0], given, client)) {
    // Told of what it is, what cannot be gone on from so is refused before it is sent: an id alone does not tell.
    const media_type = maker === "agents" && (assets.video ? "video/mp4" : assets.image && "image/png");
    return { name: { type: "generation", id, ...(media_type && { media_type }) } };
  }
  // What begins with a video begins with its last picture.
  const picture = assets.video ? path[1] === "frame0" && assets.last_frame : assets.image;
  const url = { image: picture, video: assets.video }[kind ?? (assets.video ? "video" : "image")];
  if (url) return { url };
  const which = `generation ${id} of ${maker}`;
  if (!assets.video && !assets.image) return { wrong: ["invalid_value", `${which} is ${state}: it has no file that could be sent`] };
  const what = assets.video ? "a video that cannot be named here: give a picture of it" : "a picture";
  return { wrong: ["invalid_type", `must be ${kind === "video" ? "a video" : "a picture"}, and ${which} is ${what}`] };
}
