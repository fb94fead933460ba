// The client as its callers see it.

import type { LumaError } from "../common/error.js";
import type {
  ActiveTasks,
  AddAudioRequest,
  Capabilities,
  Credits,
  Estimate,
  FilePage,
  Generation,
  Page,
  Problem,
  TicketInfo,
  UploadedFile,
  UpscaleVideoRequest,
} from "../generated/types.js";
import type { CallbackOptions, ParsedCallback, PostedCallback } from "./callbacks.js";
import type { MediaFile, RequestInput } from "./media-input.js";
import type {
  BatchOptions,
  CallOptions,
  CreateOptions,
  DownloadOptions,
  GenerateOptions,
  ListFilesOptions,
  ListOptions,
  ResumeOptions,
  UploadOptions,
  WaitOptions,
} from "./options.js";
import type { GenerationUpdate } from "./updates.js";

/** How one request of a batch ended: by its `status`, or by which of `value` and `reason` is there. */
export type BatchResult<R = RequestInput> =
  | { index: number; request: R; status: "fulfilled"; value: Generation; reason?: undefined }
  | { index: number; request: R; status: "rejected"; reason: LumaError; value?: undefined };

/**
 * A batch that begins when it is first used: iterated, it gives results as they come and keeps none; awaited, it gives all of them in
 * the order of the requests. One of the two, once.
 */
export interface Batch<R = RequestInput> extends AsyncIterable<BatchResult<R>>, PromiseLike<BatchResult<R>[]> {}

/** A ticket that was resumed. */
export interface Resumed extends TicketInfo {
  /** The finished job; rejects as `generate` would, and with `store` for a ticket that cannot be read. */
  done: Promise<Generation>;
}

/** A generation, or its id. */
export type GenerationOrId = Generation | { id: string } | string;

/** A Luma account, as useapi.net (experimental) shows it; the session itself never shows. */
export interface Account {
  account: string;
  /** How many jobs may run at once. */
  concurrency?: number;
  /** When its session ends, such as `2026-05-27 02:20:34 UTC`; the service renews it by itself. */
  luma_session_expires?: string;
  /** Why it cannot be used, if so: then add it again. */
  error?: string;
  [field: string]: unknown;
}

/** The Luma accounts that useapi.net (experimental) works on for you. */
export interface Accounts {
  /** All of them. */
  list(options?: CallOptions): Promise<Account[]>;
  /** One of them, by its e-mail. */
  get(email: string, options?: CallOptions): Promise<Account>;
  /** Adds one, or gives one a new session: takes the value of the `session` cookie, which is a secret as good as a password. */
  add(session: string, options?: CallOptions): Promise<Account & { created?: boolean }>;
  /** Removes one from the service; at Luma it stays. */
  remove(email: string, options?: CallOptions): Promise<unknown>;
}

/** An uploaded file, its id, or what `upload` returned. */
export type FileOrId = UploadedFile | { id: string } | { file_id: string } | { url: string } | string;

/** The files that Luma's Agents API keeps for you. */
export interface Files {
  /** One page of them. */
  list(options?: ListFilesOptions): Promise<FilePage>;
  /** All of them, page by page of `limit`, which is 100 by default. */
  listAll(options?: ListFilesOptions): AsyncIterable<UploadedFile>;
  /** One of them. A removed one still has its record. */
  get(file: FileOrId, options?: CallOptions): Promise<UploadedFile>;
  /** Removes one: no request can name it any more. */
  delete(file: FileOrId, options?: CallOptions): Promise<void>;
}

/**
 * A client of one provider. Every method is bound, so `const { generate, poll } = createClient(..)` works, and every
 * promise rejects with a {@link LumaError}.
 */
export interface Client {
  /**
   * Creates a job, waits for it, and returns it finished. Bad requests are refused before anything is sent.
   * @throws `moderated` or `generation_failed` with the `generation`; `unknown_outcome` when the answer to the creation was lost and
   * recovery cannot determine its outcome; `budget_exceeded`; `timeout` or `aborted` with the `generation`, which goes on.
   */
  generate(request: RequestInput, options?: GenerateOptions): Promise<Generation>;
  /**
   * Creates any number of jobs within the limits, from a list or any iterable; at most 500 are in progress at once. A job that fails does
   * not affect the others. An abort, or leaving the loop, stops the rest.
   *
   * ```js
   * for await (const { index, value, reason } of generateAll(requests)) show(index, value ?? reason);
   * const results = await generateAll(requests);   // or all of them, in order
   * ```
   */
  generateAll<R extends RequestInput>(requests: Iterable<R> | AsyncIterable<R>, options?: BatchOptions): Batch<R>;
  /**
   * Resumes the jobs from before a reload, a crash or an abort: sends what was never sent, finds or resends a creation that was cut off,
   * waits for a running job, and follows those of other tabs. Returns all of them, each with its own promise.
   */
  resume(options?: ResumeOptions): Promise<Resumed[]>;
  /**
   * Releases a finished job that was kept: its ticket is deleted, and `resume` no longer returns it. Takes the ticket's id, the generation
   * or its id. What has no ticket is no error: it may have been acknowledged before.
   * @throws `invalid_request` when there is a ticket and its job is not known to be finished: the ticket stays
   */
  acknowledge(ticketOrGeneration: GenerationOrId, options?: CallOptions): Promise<void>;
  /** Creates a job and returns it as it begins. It is sent again only when the answer proves that nothing was made. */
  create(request: RequestInput, options?: CreateOptions): Promise<Generation>;
  /**
   * Waits for a job and returns it finished. The end is noticed within 3 s or a tenth of the run, whichever is longer; failed
   * polls are not failed jobs. Waiters of one job share its polls.
   */
  poll(generation: GenerationOrId, options?: WaitOptions): Promise<Generation>;
  /** The job after every poll, until it is done. Throws what `poll` would; leaving the loop ends the wait. */
  watch(generation: GenerationOrId, options?: Omit<WaitOptions, "onUpdate">): AsyncIterable<GenerationUpdate>;
  /** Reads a job, once. */
  get(generation: GenerationOrId, options?: CallOptions): Promise<Generation>;
  /**
   * Removes a job from the account. PiAPI may cancel a task that has not begun.
   * @throws piapi: `unsupported` or `not_found` when it does not, or the task runs already
   */
  delete(generation: GenerationOrId, options?: CallOptions): Promise<void>;
  /** One page of jobs, newest first. */
  list(options?: ListOptions): Promise<Page>;
  /** Every job, newest first, page by page of `limit`; none twice. */
  listAll(options?: Omit<ListOptions, "offset">): AsyncIterable<Generation>;
  /** Upscales a completed video: a new job, to be polled. */
  upscale(generation: GenerationOrId, request?: UpscaleVideoRequest, options?: CreateOptions): Promise<Generation>;
  /** Adds sound to a completed video: a new job, to be polled. */
  addAudio(generation: GenerationOrId, request?: AddAudioRequest, options?: CreateOptions): Promise<Generation>;
  /** The camera motions that a prompt may name. */
  cameraMotions(options?: CallOptions): Promise<string[]>;
  /** The keys that `concepts` takes. */
  concepts(options?: CallOptions): Promise<string[]>;
  /** What is left to spend; at useapi the Luma credits of all accounts that report them. */
  credits(options?: CallOptions): Promise<Credits>;
  /** How many of Luma's jobs wait or run for the key, from any program; useapi and piapi only. */
  activeTasks(options?: CallOptions): Promise<ActiveTasks>;
  /** Whether the service answers: its own message. */
  ping(options?: CallOptions): Promise<string | undefined>;
  /**
   * Uploads a file, once for the same bytes, and returns what stands for it in a request: with the `upload` option its address, else the
   * provider's name for it.
   * @throws `invalid_request` for a file of a kind or size that the provider does not take; `unsupported` where it takes no files and there is no `upload` option
   */
  upload(file: MediaFile, options?: UploadOptions): Promise<string | { url: string } | { file_id: string }>;
  /**
   * Reads what a provider POSTed to a `callback_url`, in any state and however often. Since anyone may POST there, the job is
   * read again: `generation` is what the provider says now, `posted` what was posted.
   * @throws `protocol` for what is about no job; `authentication` without the right `secret`; `not_found` for a job that is not yours; `unsupported` for a provider without callbacks
   */
  parseCallback(request: PostedCallback, options?: CallbackOptions): Promise<ParsedCallback>;
  /** Every rule that a request breaks, and warnings (codes `disputed` and `suspicious`); empty when it is fine. Nothing is sent. */
  validate(request: unknown): Promise<Problem[]>;
  /** What a request costs, from a dated price table. Nothing is sent. */
  estimate(request: RequestInput): Promise<Estimate>;
  /** The Luma accounts that useapi.net works on; `unsupported` at every other provider. */
  accounts: Accounts;
  /** The files that were uploaded to Luma's Agents API; `unsupported` at every other provider. */
  files: Files;
  /** What this client's provider has (with its `schema`), as data: for a page that shows or hides controls. Nothing is sent. */
  capabilities(): Promise<Capabilities>;
  /**
   * The file of a finished job, as a streaming `Response`. A link that has expired is renewed by reading the job again. The
   * key is never sent along.
   */
  download(generation: GenerationOrId, options?: DownloadOptions): Promise<Response>;
}
