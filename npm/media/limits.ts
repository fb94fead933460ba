// Whether a provider takes a file: its type, its size, and what its header says.

import type { ProviderId } from "../generated/types.js";
import type { Measured } from "./measure.js";
import type { Kind, Wrong } from "./types.js";

/** Whose limits hold: a provider's, or none, for what lies in another storage than PiAPI's own. */
export type LimitsOf = ProviderId | "elsewhere";

const MB = 1 << 20;

const IMAGES = ["image/jpeg", "image/png", "image/webp"];

/**
 * The most of a picture and of a video, in bytes, and the types where they are few. Sources: docs.lumalabs.ai (reframe and modify;
 * pictures for Photon), docs.agents.lumalabs.ai, both read on 2026-11-20; useapi.net, page on assets, 2026-04-06; for PiAPI
 * what integrations of 2026 found, read on 2026-11-20. A server that counts a megabyte as a million judges the rest itself.
 */
const MOST: Record<LimitsOf, { image: number; video?: number; types?: string[] }> = {
  "dream-machine": { image: 10 * MB, video: 100 * MB },
  agents: { image: 50 * MB, video: 200 * MB },
  useapi: { image: 20 * MB, types: IMAGES },
  piapi: { image: 10 * MB, video: 10 * MB, types: [...IMAGES, "video/mp4"] },
  elsewhere: { image: Infinity, video: Infinity },
};

/** The most bytes of a picture. */
export const mostOfPicture = (provider: LimitsOf): number => MOST[provider].image;

/**
 * The longest side of a picture in pixels, and the longest video to modify and to reframe in seconds (docs.agents.lumalabs.ai, read on
 * 2026-11-20).
 */
const LONGEST: Partial<Record<ProviderId, { side: number; modify_video: number; reframe_video: number }>> = {
  agents: { side: 8000, modify_video: 18, reframe_video: 30 },
};

/** The sound of a video may go on for so many seconds after its last picture. */
const TAIL = 0.1;

const WORDS = { image: "a picture", video: "a video" };

const isKind = (kind: string | undefined): kind is Kind => kind === "image" || kind === "video";

/** Why a file is not taken for its type or size, if so. `wanted`: the kind that its place takes; either, where there is none. */
export function tooMuch(provider: LimitsOf, size: number, type: string, wanted?: Kind): Wrong | undefined {
  const { types, ...sizes } = MOST[provider];
  if (!type) return ["invalid_type", "the type of the file is not known: give a Blob with a type, such as image/png"];
  const [kind] = type.split("/");
  if (!isKind(kind) || kind !== (wanted ?? kind))
    return ["invalid_type", `must be ${wanted ? WORDS[wanted] : "a picture or a video"}, and is ${type}`];
  const most = sizes[kind];
  if (!most || (types && !types.includes(type))) return ["invalid_type", `is ${type}, and ${provider} takes ${types?.join(", ")}`];
  if (size === 0) return ["invalid_value", "is empty"];
  if (size > most) return ["too_large", `has ${(size / MB).toFixed(1)} MB, and ${provider} takes ${most / MB} MB for ${WORDS[kind]}`];
  return undefined;
}

/** Why a file is not taken for what its header says, if so. `work`: what is to be done with a video, as `generation_type` has it. */
export function tooLong(provider: ProviderId, { width = 0, height = 0, seconds = 0 }: Measured, work?: string): Wrong | undefined {
  const most = LONGEST[provider];
  if (!most) return undefined;
  if (Math.max(width, height) > most.side)
    return ["too_large", `has ${width} x ${height} pixels, and ${provider} takes ${most.side} a side`];
  if ((work === "modify_video" || work === "reframe_video") && seconds > most[work] + TAIL) {
    return ["too_large", `lasts ${seconds.toFixed(1)} s, and ${provider} takes ${most[work]} s to ${work.replace("_", " a ")}`];
  }
  return undefined;
}
