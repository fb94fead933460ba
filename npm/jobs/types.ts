// The jobs API of the Worker, as its callers see it.

import type { Clock } from "../common/clock.js";
import type { Generation, GenerationRequest, Problem, ProviderId } from "../generated/types.js";
import type { CallOptions } from "../types/options.js";

/**
 * Where a job stands. `waiting`: held by the Worker, nothing was sent yet. `queued`, `dreaming`: as the provider's generation. The others are
 * final. `completed`: made, and its files are kept where the Worker keeps files. `failed`: the provider made nothing of it, or it was
 * refused. `cancelled`: withdrawn before it was sent. `unknown`: it may or may not have been made and charged; it is not sent again.
 */
export type JobState = "waiting" | "queued" | "dreaming" | "completed" | "failed" | "cancelled" | "unknown";

/** Why a job failed without a generation, or is unknown. */
export interface JobError {
  /** That of `LumaError` where one fits. */
  code: string;
  message: string;
  /** Every rule that the request breaks. */
  problems?: Problem[];
  /** What the provider answered. */
  status?: number;
}

/** A step of a job's. */
export interface JobStep {
  /** ISO 8601. */
  at: string;
  event: string;
  detail?: string;
}

/** A request that was submitted to the Worker, and its state. */
export interface Job {
  id: string;
  provider: ProviderId;
  state: JobState;
  /** A word of your own. */
  label?: string;
  request: Record<string, unknown>;
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601. */
  updated_at: string;
  /** Of one that waits, as `submit`, `get` and `list` give it: its place among the caller's own, from 1. */
  position?: number;
  /** What it counts against the budget, in dollars. */
  usd?: number;
  /** Once the provider has accepted it, but not as `submit` gives it. Its addresses lead to the Worker's copies, once these are kept. */
  generation?: Generation;
  error?: JobError;
  /** From `get` alone. */
  history?: JobStep[];
}

/** A page of jobs, newest first. */
export interface JobPage {
  jobs: Job[];
  /** For the next page; absent on the last one. */
  cursor?: string;
}

export type JobOrId = string | Pick<Job, "id">;

/** What `createJobsClient` takes. */
export interface JobsClientOptions {
  /** Where the Worker is: its paths are `<baseUrl>/jobs`. By default the page's own origin. */
  baseUrl?: string | undefined;
  /** A caller's token, or a function that gives it for each request, such as a session's that is renewed. Without one, cookies may identify the caller. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Header fields of each request, in addition to the client's own. */
  headers?: Record<string, string> | undefined;
  /** How requests are sent: the global `fetch` by default. */
  fetch?: ((input: string, init?: RequestInit) => Promise<Response>) | undefined;
  /** Whose time is used: the machine's by default. */
  clock?: Clock | undefined;
}

export interface SubmitOptions extends CallOptions {
  /** Who is to make them; by default the Worker's own default. */
  provider?: ProviderId | undefined;
  /** An `https` address that is notified when a job has ended. */
  webhook?: string | undefined;
  /** A word of your own for the jobs, of up to 200 characters, which `list` finds them by. */
  label?: string | undefined;
  /** Calls with the same key are one: give a key of your own to submit again after a reload. By default each call has a new one. */
  idempotencyKey?: string | undefined;
}

export interface ListJobsOptions extends CallOptions {
  /** How many at most, up to 100. */
  limit?: number | undefined;
  /** Behind which page: its `cursor`. */
  cursor?: string | undefined;
  /** Only those in that state. */
  state?: JobState | undefined;
  /** Only those with that label. */
  label?: string | undefined;
}

export interface WaitForJobOptions extends CallOptions {
  /** Called with the job as it is, and at each change. An exception in it is shown on the console and goes no further. */
  onUpdate?: ((job: Job) => void) | undefined;
}

/** A client of a Worker's jobs. Its methods are bound; each rejects with a `LumaError`. */
export interface JobsClient {
  /**
   * Submits requests: all of them or, if one breaks a rule, none. What was lost on the way is sent again with the same Idempotency-Key,
   * so nothing is submitted twice.
   * @throws `invalid_request` with every rule that is broken, at paths such as `requests[3].prompt`; `unknown_outcome` where no answer
   * came at all: `submit(requests, { idempotencyKey: error.creation.ticket })` finds out
   */
  submit(request: GenerationRequest, options?: SubmitOptions): Promise<Job>;
  submit(requests: readonly GenerationRequest[], options?: SubmitOptions): Promise<Job[]>;
  /** A job as it is, with its history. */
  get(job: JobOrId, options?: CallOptions): Promise<Job>;
  /** One page of the caller's jobs, newest first. */
  list(options?: ListJobsOptions): Promise<JobPage>;
  /** Every job of the caller's, newest first, page by page of `limit`. */
  listAll(options?: Omit<ListJobsOptions, "cursor">): AsyncIterable<Job>;
  /**
   * Each of these jobs as it is, then at every change, until the last of them has ended. Without jobs: the newest hundred, then every job
   * of the caller's that changes, without end. Broken connections are opened again, and nothing is missed. Leaving the loop ends it.
   */
  watch(jobs?: JobOrId | readonly JobOrId[], options?: CallOptions): AsyncIterable<Job>;
  /**
   * Waits for a job's end and gives what was made.
   * @throws what `generate` would: `generation_failed` or `moderated` with the `generation`, `unknown_outcome`, `budget_exceeded`; for a
   * job that was cancelled `aborted`
   */
  wait(job: JobOrId, options?: WaitForJobOptions): Promise<Generation>;
  /**
   * Withdraws a job that was not sent yet.
   * @throws `unsupported` with the status 409 for one that was: it goes on
   */
  cancel(job: JobOrId, options?: CallOptions): Promise<Job>;
}
