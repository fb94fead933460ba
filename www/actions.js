// The actions for a job, by its state and its files.

import { Job } from "./job.js";
import { APIS } from "./kinds.js";
import { save } from "./save.js";

/**
 * The actions for a job, as the stage shows them. `use` marks those that use its file. They call
 * `app`: `start(job, draft)`, `compose(kind, values)`, `remove(job)` and the `connection` of new requests.
 */
export function actionsFor(job, app) {
  const { draft } = job;
  const edit = draft && { label: "Edit", act: () => app.compose(draft.kind, draft.values) };
  const remove = { label: "Remove", act: () => app.remove(job) };
  const wait = { label: "Wait again", primary: true, act: () => job.wait() };
  const again = { label: "Try again", primary: true, act: () => app.start(job.again(), draft) };
  switch (job.phase) {
    case "waiting":
      return [{ label: "Cancel waiting", act: () => job.cancel() }];
    case "stopped":
      // The job of a creation that was cut off may exist: sending it again could pay twice.
      return [job.canWait ? wait : !job.error.creation && again, edit, remove].filter(Boolean);
    case "failed":
      if (job.canWait) return [wait, edit, remove].filter(Boolean);
      return job.error.retryable ? [again, edit, remove].filter(Boolean) : [edit && { ...edit, primary: true }, remove].filter(Boolean);
    default:
      return [{ label: "Download", primary: true, act: (button) => save(job, button) }, edit, remove, ...uses(job, app)].filter(Boolean);
  }
}

/** What can be made out of a finished file. Another connection knows neither its id nor its address. */
function uses(job, app) {
  if (job.connection.client !== app.connection.client) return [];
  const { generation, media, request } = job;
  const { kinds, derives } = APIS[job.connection.provider];
  const url = generation.assets[media.type];
  const derive = (label, method, body) => derives && { label, use: true, act: () => app.start(Job.derive(job, method, body)) };
  const compose = (label, kind, values) =>
    kinds.some(({ id }) => id === kind) && { label, use: true, act: () => app.compose(kind, values) };
  const animate = (frame) => ({ "keyframes.frame0": frame, "keyframes.frame1": undefined });
  if (media.type === "image") {
    return [
      compose("Animate", "image-to-video", animate({ type: "image", url })),
      compose("Modify", "modify-image", { "modify_image_ref.url": url }),
      compose("Take as a reference", "references-to-image", { image_ref: [{ url }] }),
      compose("Reframe", "reframe-image", { "media.url": url }),
    ].filter(Boolean);
  }
  return [
    !["1080p", "4k"].includes(request.resolution) && derive("Upscale to 1080p", "upscale", { resolution: "1080p" }),
    request.resolution !== "4k" && derive("Upscale to 4k", "upscale", { resolution: "4k" }),
    derive("Add sound", "addAudio", { prompt: request.prompt }),
    compose("Extend", "image-to-video", animate({ type: "generation", id: generation.id })),
    compose("Modify", "modify-video", { "media.url": url }),
    compose("Reframe", "reframe-video", { "media.url": url }),
  ].filter(Boolean);
}
