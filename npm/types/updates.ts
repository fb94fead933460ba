// What a caller gets about a job while it waits.

import type { Generation, JobTime, Queue } from "../generated/types.js";

/** The progress of a job. */
export interface Progress extends JobTime {
  /** From 0 to 1: by the usual time, never back within a call, and below 1 until the job is completed. */
  fraction: number;
}

/** A generation as it is now, with how far it is. */
export type GenerationUpdate = Generation & { progress: Progress };

/** A creation that waits for its turn within the limits: nothing was sent yet. */
export interface Waiting {
  state: "waiting";
  queue: Queue;
  progress: Progress;
}

/** A file of the request that is being uploaded: nothing was created yet. */
export interface Uploading {
  state: "uploading";
  /** Which file, by its place in the request such as `keyframes.frame0`, and how many of its bytes have gone out. */
  upload: { path: string } & UploadProgress;
  /** How far the job is: not at all, and how long it takes is not known yet (`expected` is `Infinity`). */
  progress: Progress;
}

/** What `onUpdate` gets. */
export type Update = GenerationUpdate | Waiting | Uploading;

/** How much of a file has gone out, in bytes. */
export interface UploadProgress {
  loaded: number;
  total: number;
}
