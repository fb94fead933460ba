// A body of the Dream Machine API is a request of luma-edge as it is; the path tells its form.

import type { Body } from "./fields.js";

const KINDS: Record<string, string> = {
  "generations/video": "video",
  "generations/image": "image",
  "generations/image/reframe": "reframe_image",
  "generations/video/reframe": "reframe_video",
  "generations/video/modify": "modify_video",
  "generations/:id/upscale": "upscale_video",
  "generations/:id/audio": "add_audio",
};

/** The older path is for videos. */
export function dreamMachine(path: string, body: Body): Body {
  return { ...body, generation_type: KINDS[path] ?? "video" };
}
