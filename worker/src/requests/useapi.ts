// A body of useapi.net as a request of luma-edge: the reverse of src/provider/useapi/wire.rs.

import { type Body, type Move, moved } from "./fields.js";

/** An uploaded file. */
const file = (value: unknown) => (typeof value === "string" ? { file_id: value } : value);

const MOVES: readonly Move[] = [
  ["replyUrl", "callback_url"],
  ["replyRef", "callback_ref"],
  ["imageStart", "keyframes.frame0", file],
  ["imageEnd", "keyframes.frame1", file],
  ["imageCharacter", "character_ref.identity0.images", (value) => [file(value)]],
];

export function useapi(path: string, body: Body): Body {
  const { dynamic_range: range, ...others } = moved(body, MOVES);
  const request: Body = { ...others, generation_type: path === "images" ? "image" : "video" };
  if (range === "hdr" || range === "hdr_exr") request.hdr = true;
  else if (range !== undefined) request.dynamic_range = range;
  if (range === "hdr_exr") request.exr_export = true;
  const references: unknown[] = [];
  for (let number = 1; `imageRef${number}` in request; number++) {
    references.push(file(request[`imageRef${number}`]));
    delete request[`imageRef${number}`];
  }
  if (references.length) request.image_ref = references;
  return request;
}
