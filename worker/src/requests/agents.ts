// A body of the Agents API as a request of luma-edge: the reverse of src/provider/agents/wire.rs.

import { type Body, each, isBody, type Move, moved } from "./fields.js";

/** The API's word for each form, and luma-edge's. */
const KINDS = new Map<unknown, string>([
  ["video", "video"],
  ["image", "image"],
  ["image_edit", "image"],
  ["video_edit", "modify_video"],
  ["video_reframe", "reframe_video"],
  ["layering", "layering"],
]);

/** An earlier generation has another name there. */
function media(value: unknown): unknown {
  if (!isBody(value) || !("generation_id" in value)) return value;
  const { generation_id: id, ...others } = value;
  return { ...others, id };
}

const format = (value: unknown) => (value === "jpeg" ? "jpg" : value);

const ALL: readonly Move[] = [
  ["output_format", "format", format],
  ["image_ref", "image_ref", each(media)],
  ["video.duration", "duration"],
  ["video.loop", "loop"],
  ["video.hdr", "hdr"],
  ["video.exr_export", "exr_export"],
  ["video.source_position", "source_position"],
  ["video.resolution", "resolution"],
  ["video.end_frame", "keyframes.frame1", media],
  ["video.edit.strength", "mode"],
  ["video.edit.keyframes", "edit_keyframes", each(media)],
  ["video.edit.auto_controls", "auto_controls"],
  ["video.edit.controls", "controls"],
  ["layering.resolution", "resolution"],
];

export function agents(_path: string, { type, ...body }: Body): Body {
  const kind = KINDS.get(type);
  const listed = isBody(body.video) && Array.isArray(body.video.keyframes);
  const request = moved(body, [
    ...ALL,
    ["source", type === "image_edit" ? "modify_image_ref" : "media", media],
    ["video.start_frame", listed ? "first_frame" : "keyframes.frame0", media],
    ["video.keyframes", "keyframes", each(media)],
    [kind === "modify_video" ? "video.edit.keyframe_indexes" : "video.keyframe_indexes", "keyframe_indexes"],
  ]);
  return type === undefined ? request : { ...request, generation_type: kind ?? type };
}
