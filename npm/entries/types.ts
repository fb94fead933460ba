// The types that every entry of the client exports.

export type * from "../common/clock.js";
export type * from "../generated/types.js";
export type { Store } from "../stores/store.js";
export type * from "../types/api.js";
export type * from "../types/callbacks.js";
export type * from "../types/media-input.js";
export type * from "../types/options.js";
export type * from "../types/updates.js";
