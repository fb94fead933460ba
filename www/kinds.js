// The kinds of request, as data: each kind is a list of fields, each field a path in the request. The client decides whether a request
// is valid; this file only knows what to show.

const RATIOS = ["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21"];
const VIDEO_MODELS = ["ray-2", "ray-flash-2"];
const IMAGE_MODELS = ["photon-1", "photon-flash-1"];

const PROMPT = { path: "prompt", control: "text", label: "Prompt", placeholder: "What should be seen?" };
const DIRECTION = { path: "prompt", control: "text", label: "Prompt", optional: true, placeholder: "What to bear in mind" };
const RATIO = { path: "aspect_ratio", control: "ratio", label: "Ratio", values: RATIOS };
const VIDEO_MODEL = { path: "model", control: "choice", label: "Model", values: VIDEO_MODELS };
const IMAGE_MODEL = { path: "model", control: "choice", label: "Model", values: IMAGE_MODELS };
const DURATION = { path: "duration", control: "choice", label: "Duration", auto: true, values: ["5s", "9s"] };
const RESOLUTION = { path: "resolution", control: "choice", label: "Resolution", auto: true, values: ["540p", "720p", "1080p", "4k"] };
const LOOP = { path: "loop", control: "flag", label: "Loop seamlessly" };
const CONCEPTS = { path: "concepts", control: "concepts", label: "Camera concepts", optional: true };
const FORMAT = { path: "format", control: "choice", label: "Format", auto: true, values: ["jpg", "png"] };
const KEYFRAMES = {
  path: "keyframes",
  label: "Keyframes",
  hint: "The address of a picture, or the id of a finished video to go on from.",
  fields: [
    { path: "keyframes.frame0", control: "keyframe", label: "Start", placeholder: "https://…" },
    { path: "keyframes.frame1", control: "keyframe", label: "End", placeholder: "https://…" },
  ],
};
const WEIGHTED = { control: "references", optional: true, weights: true };
const MODES = ["adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"];

const address = (path, label, more) => ({ path, control: "line", label, placeholder: "https://…", ...more });

/** Each kind: its group and label in the form, what its request always has, and its fields. */
export const KINDS = [
  { id: "text-to-video", makes: "Video", label: "Text", fields: [PROMPT, RATIO, VIDEO_MODEL, DURATION, RESOLUTION, LOOP, CONCEPTS] },
  {
    id: "image-to-video",
    makes: "Video",
    label: "Images",
    base: { keyframes: {} },
    fields: [PROMPT, KEYFRAMES, RATIO, VIDEO_MODEL, DURATION, RESOLUTION, LOOP, CONCEPTS],
  },
  {
    id: "reframe-video",
    makes: "Video",
    label: "Reframe",
    base: { media: {} },
    fields: [address("media.url", "Video"), RATIO, VIDEO_MODEL, DIRECTION],
  },
  {
    id: "modify-video",
    makes: "Video",
    label: "Modify",
    base: { media: {} },
    fields: [
      address("media.url", "Video"),
      DIRECTION,
      { path: "mode", control: "choice", label: "Mode", values: MODES, hint: "adhere_1 stays closest, reimagine_3 goes furthest." },
      VIDEO_MODEL,
      address("first_frame.url", "First frame", { optional: true }),
    ],
  },
  { id: "text-to-image", makes: "Image", label: "Text", fields: [PROMPT, RATIO, IMAGE_MODEL, FORMAT] },
  {
    id: "references-to-image",
    makes: "Image",
    label: "References",
    fields: [
      PROMPT,
      { ...WEIGHTED, path: "image_ref", label: "Content from" },
      { ...WEIGHTED, path: "style_ref", label: "Style from" },
      { ...WEIGHTED, path: "character_ref.identity0.images", label: "Character in", weights: false },
      RATIO,
      IMAGE_MODEL,
      FORMAT,
    ],
  },
  {
    id: "modify-image",
    makes: "Image",
    label: "Modify",
    base: { modify_image_ref: {} },
    fields: [
      address("modify_image_ref.url", "Picture"),
      { ...PROMPT, placeholder: "What should change?" },
      { path: "modify_image_ref.weight", control: "weight", label: "How much of it to keep", optional: true },
      RATIO,
      IMAGE_MODEL,
      FORMAT,
    ],
  },
  {
    id: "reframe-image",
    makes: "Image",
    label: "Reframe",
    base: { media: {} },
    fields: [address("media.url", "Picture"), RATIO, IMAGE_MODEL, DIRECTION, FORMAT],
  },
];

/** The kind with that id. */
export const kindOf = (id) => KINDS.find((kind) => kind.id === id);
