// The kinds of request at each API, as data: each kind is a list of fields, each field a path in the request. The client decides whether
// a request is valid; this file only knows what to show.

const MODES = ["adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"];

const PROMPT = { path: "prompt", control: "text", label: "Prompt", placeholder: "What should be seen?" };
const CHANGE = { ...PROMPT, placeholder: "What should change?" };
const DIRECTION = { ...PROMPT, optional: true, placeholder: "What to bear in mind" };
const LOOP = { path: "loop", control: "flag", label: "Loop seamlessly" };
const KEYFRAMES = {
  path: "keyframes",
  label: "Keyframes",
  hint: "The address of a picture, or the id of a finished video to go on from.",
  fields: [
    { path: "keyframes.frame0", control: "keyframe", label: "Start", placeholder: "https://…" },
    { path: "keyframes.frame1", control: "keyframe", label: "End", placeholder: "https://…" },
  ],
};
const FORMAT = choice("format", "Format", ["jpg", "png"], { auto: true });
const MODE = choice("mode", "Mode", MODES, { hint: "adhere_1 stays closest, reimagine_3 goes furthest." });
const FIRST_FRAME = address("first_frame.url", "First frame", { optional: true });

function choice(path, label, values, more) {
  return { path, control: "choice", label, values, ...more };
}

function address(path, label, more) {
  return { path, control: "line", label, placeholder: "https://…", ...more };
}

const ratio = (values) => ({ path: "aspect_ratio", control: "ratio", label: "Ratio", values });
const model = (...values) => choice("model", "Model", values);
const references = (path, label, more) => ({ path, control: "references", label, optional: true, most: 4, ...more });

/** A kind: its group and label in the form, what its request always has (`base`), and its fields. */
const kind = (makes, label, id, fields, base) => ({ id, makes, label, fields, base });

function agents() {
  const VIDEO_RATIO = ratio(["16:9", "4:3", "1:1", "3:4", "9:16", "21:9"]);
  const IMAGE_RATIO = ratio(["16:9", "3:2", "1:1", "2:3", "9:16", "2:1", "1:2", "3:1", "1:3"]);
  const RAY = model("ray-3.2");
  const UNI = model("uni-1", "uni-1-max");
  const DURATION = choice("duration", "Duration", ["5s", "10s"], { auto: true });
  const RESOLUTION = choice("resolution", "Resolution", ["360p", "540p", "720p", "1080p"], { auto: true });
  const HDR = { path: "hdr", control: "flag", label: "High dynamic range" };
  const VIDEO = [VIDEO_RATIO, RAY, DURATION, RESOLUTION, LOOP, HDR];
  const IMAGE = [IMAGE_RATIO, UNI, choice("style", "Style", ["manga"], { auto: true }), FORMAT];
  const SOURCE = { media: { media_type: "video/mp4" } };
  return [
    kind("Video", "Text", "text-to-video", [PROMPT, ...VIDEO]),
    kind("Video", "Images", "image-to-video", [PROMPT, KEYFRAMES, ...VIDEO], { keyframes: {} }),
    kind("Video", "Reframe", "reframe-video", [address("media.url", "Video"), PROMPT, VIDEO_RATIO, RAY, RESOLUTION], SOURCE),
    kind("Video", "Modify", "modify-video", [address("media.url", "Video"), CHANGE, MODE, RAY, RESOLUTION, FIRST_FRAME], SOURCE),
    kind("Image", "Text", "text-to-image", [PROMPT, ...IMAGE]),
    kind("Image", "References", "references-to-image", [PROMPT, references("image_ref", "Content from", { most: 9 }), ...IMAGE]),
    kind("Image", "Modify", "modify-image", [address("modify_image_ref.url", "Picture"), CHANGE, ...IMAGE], { modify_image_ref: {} }),
  ];
}

function dreamMachine() {
  const RATIO = ratio(["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21"]);
  const RAY = model("ray-2", "ray-flash-2");
  const PHOTON = model("photon-1", "photon-flash-1");
  const DURATION = choice("duration", "Duration", ["5s", "9s"], { auto: true });
  const RESOLUTION = choice("resolution", "Resolution", ["540p", "720p", "1080p", "4k"], { auto: true });
  const CONCEPTS = { path: "concepts", control: "concepts", label: "Camera concepts", optional: true };
  const VIDEO = [RATIO, RAY, DURATION, RESOLUTION, LOOP, CONCEPTS];
  const IMAGE = [RATIO, PHOTON, FORMAT];
  const WEIGHT = { path: "modify_image_ref.weight", control: "weight", label: "How much of it to keep", optional: true };
  const REFERENCES = [
    references("image_ref", "Content from", { weights: true }),
    references("style_ref", "Style from", { weights: true }),
    references("character_ref.identity0.images", "Character in", { bare: true }),
  ];
  return [
    kind("Video", "Text", "text-to-video", [PROMPT, ...VIDEO]),
    kind("Video", "Images", "image-to-video", [PROMPT, KEYFRAMES, ...VIDEO], { keyframes: {} }),
    kind("Video", "Reframe", "reframe-video", [address("media.url", "Video"), RATIO, RAY, DIRECTION], { media: {} }),
    kind("Video", "Modify", "modify-video", [address("media.url", "Video"), DIRECTION, MODE, RAY, FIRST_FRAME], { media: {} }),
    kind("Image", "Text", "text-to-image", [PROMPT, ...IMAGE]),
    kind("Image", "References", "references-to-image", [PROMPT, ...REFERENCES, ...IMAGE]),
    kind("Image", "Modify", "modify-image", [address("modify_image_ref.url", "Picture"), CHANGE, WEIGHT, ...IMAGE], {
      modify_image_ref: {},
    }),
    kind("Image", "Reframe", "reframe-image", [address("media.url", "Picture"), RATIO, PHOTON, DIRECTION, FORMAT], { media: {} }),
  ];
}

/** The APIs that the page offers, the first by default: its name, its kinds, and what can be derived from a finished video. */
export const APIS = {
  agents: { name: "Agents", kinds: agents(), derives: false },
  "dream-machine": { name: "Dream Machine", kinds: dreamMachine(), derives: true },
};
