// What a subscriber gets: the changes of one job, or of all of a caller's, from a change on.

import type { Job } from "./job.js";

/** As it is asked for. */
export interface SubscriptionRequest {
  caller: string;
  /** One job; without it, all of the caller's. */
  id?: string;
  /** The number of the last change that was seen; without it, only what changes from now on. */
  after?: number;
}

export interface Subscription extends SubscriptionRequest {
  /** The number of the last change that was sent. */
  after: number;
}

/** A job as it is after its last change, and that change's number. */
export interface JobChange {
  seq: number;
  job: Job;
}
