// The types that every entry of the client exports.

export type * from "../client/api.js";
export type * from "../client/callbacks.js";
export type * from "../client/capabilities.js";
export type * from "../client/clock.js";
export type * from "../client/media-input.js";
export type * from "../client/options.js";
export type * from "../client/updates.js";
export type * from "../generated/types.js";
export type { Store } from "../stores/store.js";
