// What may stand for a picture or a video in a request.

import type { Generation, GenerationRequest } from "../generated/types.js";
import type { UploadProgress } from "./updates.js";

/** A picture or a video from here: a `File`, a `Blob`, or bytes. */
export type MediaFile = Blob | Bytes;

/** Bytes in any form: what a page's types call `BufferSource`. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** What may stand where a request wants a picture or a video, besides the provider's own forms: a file, a finished generation, an address. */
export type MediaInput = MediaFile | Generation | string;

/** A request in which {@link MediaInput} may stand for every media object and every address of one. */
export type WithMedia<T> = T extends string | number | boolean | undefined
  ? T
  : T extends { url: string }
    ? MediaInput | (Omit<T, "type" | "url"> & { type?: "image"; url: MediaInput })
    : T extends { file_id: string } | { data: string } | { type: "generation" }
      ? MediaInput | T
      : T extends Array<infer Item>
        ? Array<WithMedia<Item>>
        : { [Key in keyof T]: Key extends "images" ? Array<MediaInput | { url: MediaInput } | { file_id: string }> : WithMedia<T[Key]> };

/** Everything that `generate` and `create` take. */
export type RequestInput = WithMedia<GenerationRequest>;

/** What the caller's own `upload` may use. */
export interface UploadHandle {
  /** Aborts when the file is no longer needed. */
  signal: AbortSignal;
  /** Reports how much has gone out; begin and end are reported without it. */
  onProgress: (progress: UploadProgress) => void;
}
