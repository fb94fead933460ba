import type { Store } from "./stores/index.js";
import type {
  ActiveTasks,
  Budget,
  Queue,
  TicketInfo,
  ClientEvent,
  ClientSettings,
  Credits,
  Estimate,
  FilePage,
  Generation,
  GenerationRequest,
  LumaErrorFields,
  Page,
  Problem,
  ProviderId,
  Progress,
  UploadedFile,
  UpscaleVideoRequest,
  AddAudioRequest,
} from "./types.js";

export type * from "./types.js";
export type { Store } from "./stores/index.js";

/** Time, in the place of the machine's own: a simulator's, so that a test of a minute takes a millisecond. */
export interface Clock {
  /** The time in ms since 1970. */
  now(): number;
  /** Settles after `ms` ms, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What `createClient` takes. An option that is not here is refused with `invalid_request`. */
export interface ClientOptions extends ClientSettings {
  /** How requests are sent: the global `fetch` by default; a simulator's, a service binding's. */
  fetch?: (input: string, init?: RequestInit) => Promise<Response>;
  /**
   * Stores a file where a server can fetch it and gives its public address: what `client.upload` and files in requests are handed to,
   * with every provider that takes addresses.
   */
  upload?: (file: Blob, options: UploadHandle) => Promise<string>;
  /**
   * Where the tickets of jobs in hand are kept, so that `resume` finds them after a reload or a crash: one of `luma-edge/stores`, or
   * three functions of your own. In memory by default.
   */
  store?: Store;
  /** Whose time is used: the machine's by default. */
  clock?: Clock;
  /** Told of every request, answer, retry, wait and look. Holds no key, prompt or body; of useapi's ids the e-mail address is left out. An exception in it is shown on the console and goes no further. */
  onEvent?: (event: ClientEvent) => void;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call at once with a `LumaError` of code `aborted`. A job that was created goes on and can be polled again. */
  signal?: AbortSignal;
}

/** A generation as it is now, with how far it is. */
export type GenerationUpdate = Generation & { progress: Progress };

/** A creation that waits for its turn within the limits: nothing was sent yet. */
export interface Waiting {
  state: "waiting";
  queue: Queue;
  progress: Progress;
}

/** A file of the request that is being handed over: nothing was created yet. */
export interface Uploading {
  state: "uploading";
  /** Which file, by its place in the request such as `keyframes.frame0`, and how many of its bytes have gone out. */
  upload: { path: string } & UploadProgress;
  /** How far the job is: not at all, and how long it takes is not known yet (`expected` is `Infinity`). */
  progress: Progress;
}

/** What `onUpdate` is told. */
export type Update = GenerationUpdate | Waiting | Uploading;

/** How much of a file has gone out, in bytes. */
export interface UploadProgress {
  loaded: number;
  total: number;
}

/** What the caller's own `upload` may use. */
export interface UploadHandle {
  /** Aborts when nobody wants the file any more. */
  signal: AbortSignal;
  /** To be told how much has gone out; its beginning and end are told without. */
  onProgress: (progress: UploadProgress) => void;
}

/** A picture or a video from here: a `File`, a `Blob`, or bytes. */
export type MediaFile = Blob | BufferSource;

/** What may stand where a request wants a picture or a video, beside the provider's own forms: a file, a finished generation, an address. */
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

export interface WaitOptions extends CallOptions {
  /** The longest to wait, in ms; without end by default. When it ends the job goes on, and the error carries it. */
  timeout?: number;
  /** Told of the job when it is created and after every look at it, changed or not. An exception in it is shown on the console and goes no further. */
  onUpdate?: (update: Update) => void;
}

export interface CreateOptions extends CallOptions {
  /** What the job costs, in dollars, for want of a published price: a budget refuses jobs of unknown price. */
  price?: number;
}

export interface GenerateOptions extends WaitOptions, CreateOptions {}

export interface BatchOptions extends CallOptions {
  /** What the batch may spend, within what its client may. */
  budget?: Budget;
  /** The longest to wait for one job from when it is taken in hand, in ms. */
  timeout?: number;
  /** What each job costs, in dollars, for want of a published price. */
  price?: number;
  /** Told of each job as `generate` would tell, with the number of its request. */
  onUpdate?: (update: Update, index: number) => void;
}

/** How one request of a batch ended. */
export type BatchResult<R = RequestInput> =
  | { index: number; request: R; status: "fulfilled"; value: Generation }
  | { index: number; request: R; status: "rejected"; reason: LumaError };

/**
 * A batch that begins when it is first used: iterated, it gives results as they come and keeps none; awaited, it gives all of them in
 * the order of the requests. One of the two, once.
 */
export interface Batch<R = RequestInput> extends AsyncIterable<BatchResult<R>>, PromiseLike<BatchResult<R>[]> {}

export interface ResumeOptions extends CallOptions {
  /** The longest to wait for each, in ms. */
  timeout?: number;
  /** Told of each job as `poll` would tell, with its ticket. */
  onUpdate?: (update: Update, ticket: string) => void;
}

/** A ticket that was taken up. */
export interface Resumed extends TicketInfo {
  /** The finished job; rejects as `generate` would, and with `store` for a ticket that cannot be read. */
  done: Promise<Generation>;
}

export interface ListOptions extends CallOptions {
  /** How many at most, up to 100: by default 100, with piapi 10. What runs at useapi comes whole. */
  limit?: number;
  /** How many of the newest to skip. */
  offset?: number;
}

export interface DownloadOptions extends CallOptions {
  /**
   * Which file: `video`, else `image`, by default; any other name in `assets`, such as `progress_video`; or a number: that one of
   * `outputs`, where a job makes several.
   */
  asset?: string | number;
  /** Told of each piece that arrives, in bytes; `total` where the storage tells it. */
  onProgress?: (progress: { received: number; total?: number }) => void;
}

export interface UploadOptions extends CallOptions {
  /** Told how much has gone out, in bytes. */
  onProgress?: (progress: UploadProgress) => void;
  /** useapi.net: the account to put it in, by its e-mail; by default the first that works. All files of a request must be of one. */
  account?: string;
  /** agents: its name; by default that of the `File`, in letters that every provider takes. */
  filename?: string;
  /** agents: what it is for; the server's default is `input`. */
  purpose?: "input" | "reference" | (string & {});
  /** agents: when it goes by itself; a string is a date and time such as `2026-12-24T18:00:00Z`. */
  expiresAt?: Date | string;
  /** agents: whose it is, in words of your own. */
  userId?: string;
}

/** What a server has received: a `Request`, or its parts. */
export type PostedCallback =
  | { headers: { get(name: string): string | null }; text(): Promise<string> }
  | { headers?: { get(name: string): string | null } | Record<string, string | string[] | undefined>; body: unknown };

export interface CallbackOptions extends CallOptions {
  /** PiAPI: the `callback_secret` of the request. What comes without it is refused. */
  secret?: string;
  /** Believes what was posted and asks nobody. Only for what you know to come from the provider. */
  trust?: boolean;
}

/** What a callback is about. */
export interface ParsedCallback {
  /** The job as the provider tells it now; with `trust`, as it was posted. */
  generation: Generation;
  /** The job as it was posted. */
  posted: Generation;
  /** useapi.net: the request's `callback_ref`, as it was posted: anybody may have written it. */
  callback_ref?: string;
}

/** A generation, or its id. */
export type GenerationOrId = Generation | { id: string } | string;

/**
 * A client of one provider. Every method is bound, so `const { generate, poll } = createClient(..)` works, and every
 * promise rejects with a {@link LumaError}.
 */
/** A Luma account, as useapi.net (experimental) tells of it; the session itself is never told. */
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

export interface ListFilesOptions extends CallOptions {
  /** Behind which page: its `next_cursor`. */
  cursor?: string | undefined;
  /** How many at most, 1 to 100; the server's default is 25. */
  limit?: number;
  /** Only those for that purpose. */
  purpose?: "input" | "reference" | (string & {});
  /** Only those in that state. */
  state?: "pending" | "ready" | "failed" | "deleted" | (string & {});
}

/** A file that was handed over, its id, or what `upload` gave. */
export type FileOrId = UploadedFile | { id: string } | { file_id: string } | string;

/** The files that Luma's Agents API keeps for you. */
export interface Files {
  /** One page of them. */
  list(options?: ListFilesOptions): Promise<FilePage>;
  /** All of them, page by page of `limit`, which is 100 by default. */
  listAll(options?: ListFilesOptions): AsyncIterable<UploadedFile>;
  /** One of them. A removed one is told of still. */
  get(file: FileOrId, options?: CallOptions): Promise<UploadedFile>;
  /** Removes one: no request can name it any more. */
  delete(file: FileOrId, options?: CallOptions): Promise<void>;
}

/** What a field of a request may hold at a provider. */
export interface AbilityField {
  /** `word`: one of `values`, or one that is newer; `media`: an object with one of the fields in `by`. */
  type: "text" | "word" | "flag" | "number" | "whole" | "url" | "id" | "object" | "list" | "tagged" | "media" | "either";
  required?: boolean;
  values?: string[];
  /** The fewest characters or items, or the least number. */
  min?: number;
  /** The most; `null` where there is no limit. */
  max?: number | null;
  by?: ("url" | "id" | "data" | "file_id")[];
  fields?: Record<string, AbilityField>;
  variants?: Record<string, Record<string, AbilityField>>;
  of?: AbilityField | AbilityField[];
}

/** What a provider has. */
export interface Abilities {
  provider: ProviderId;
  /**
   * The kinds of request that it takes, by `generation_type`, each with the model that is filled in, if any, the models that are known,
   * and its fields. A newer model passes.
   */
  requests: Partial<Record<string, { model: string | null; models: string[]; fields: Record<string, AbilityField> }>>;
  /** Which calls it answers. */
  calls: Record<
    "upscale" | "addAudio" | "list" | "delete" | "credits" | "cameraMotions" | "concepts" | "activeTasks" | "ping" | "upload" | "files" | "accounts",
    boolean
  >;
  /** How it takes files itself; `null` where it takes none and `createClient` needs an `upload`. */
  upload: "bytes" | "base64" | null;
  /** Whether a creation whose answer was lost can be found: always, when a single job fits, or never. */
  findsLost: "always" | "unique" | "never";
}

export interface Client {
  /**
   * Makes a job, waits for it, and gives it whole. Bad requests are refused before anything is sent.
   * @throws `moderated` or `generation_failed` with the `generation`; `unknown_outcome` when the answer to the creation was lost and the job cannot be looked for; `budget_exceeded`; `timeout` or `aborted` with the `generation`, which goes on.
   */
  generate(request: RequestInput, options?: GenerateOptions): Promise<Generation>;
  /**
   * Makes any number of jobs within the limits, of a list or of anything that can be iterated; 500 are in hand at once. One that fails
   * fails alone. An abort, or leaving the loop, stops the rest.
   *
   * ```js
   * for await (const { index, value, reason } of generateAll(requests)) show(index, value ?? reason);
   * const results = await generateAll(requests);   // or all of them, in order
   * ```
   */
  generateAll<R extends RequestInput>(requests: Iterable<R> | AsyncIterable<R>, options?: BatchOptions): Batch<R>;
  /**
   * Takes up what was in hand before a reload, a crash or an abort: what was never sent is sent, a creation that was cut off is found or
   * sent again, a job that runs is waited for. Another tab's are followed. Gives all that there is, each with its own promise.
   */
  resume(options?: ResumeOptions): Promise<Resumed[]>;
  /** Makes a job and gives it as it begins. It is sent again only when the answer proves that nothing was made. */
  create(request: RequestInput, options?: CreateOptions): Promise<Generation>;
  /**
   * Waits for a job and gives it whole. The first look comes near the time such a job usually takes; failed looks are not
   * failed jobs. Waiters of one job share its looks.
   */
  poll(generation: GenerationOrId, options?: WaitOptions): Promise<Generation>;
  /** The job after every look, until it is done. Throws what `poll` would; leaving the loop ends the waiting. */
  watch(generation: GenerationOrId, options?: Omit<WaitOptions, "onUpdate">): AsyncIterable<GenerationUpdate>;
  /** Reads a job, once. */
  get(generation: GenerationOrId, options?: CallOptions): Promise<Generation>;
  /**
   * Removes a job from the account. PiAPI calls a task off that has not begun, if it does so at all.
   * @throws piapi: `unsupported` or `not_found` when it does not, or the task runs already
   */
  delete(generation: GenerationOrId, options?: CallOptions): Promise<void>;
  /** One page of jobs, newest first. */
  list(options?: ListOptions): Promise<Page>;
  /** Every job, newest first, page by page of `limit`; none twice. */
  listAll(options?: Omit<ListOptions, "offset">): AsyncIterable<Generation>;
  /** Makes a larger video out of a completed one: a new job, to be polled. */
  upscale(generation: GenerationOrId, request?: UpscaleVideoRequest, options?: CreateOptions): Promise<Generation>;
  /** Adds sound to a completed video: a new job, to be polled. */
  addAudio(generation: GenerationOrId, request?: AddAudioRequest, options?: CreateOptions): Promise<Generation>;
  /** The camera motions that a prompt may name. */
  cameraMotions(options?: CallOptions): Promise<string[]>;
  /** The keys that `concepts` takes. */
  concepts(options?: CallOptions): Promise<string[]>;
  /** What is left to spend: of useapi the Luma credits of all accounts that tell. */
  credits(options?: CallOptions): Promise<Credits>;
  /** How many jobs of Luma's wait or run for the key, by whomever: of useapi and piapi. */
  activeTasks(options?: CallOptions): Promise<ActiveTasks>;
  /** Whether the service answers: its own message. */
  ping(options?: CallOptions): Promise<string | undefined>;
  /**
   * Hands a file over, once for the same bytes, and gives what may stand for it in a request: with the `upload` option its address,
   * else what the provider calls it.
   * @throws `invalid_request` for a file of a kind or size that the provider does not take; `unsupported` where it takes no files and there is no `upload` option
   */
  upload(file: MediaFile, options?: UploadOptions): Promise<string | { url: string } | { file_id: string }>;
  /**
   * Reads what a provider POSTed to a `callback_url`, in whatever state and however often. Since anybody may POST there, the job is
   * read again: `generation` is what the provider says now, `posted` what was posted.
   * @throws `protocol` for what is about no job; `authentication` without the right `secret`; `not_found` for a job that is not yours; `unsupported` for a provider without callbacks
   */
  parseCallback(request: PostedCallback, options?: CallbackOptions): Promise<ParsedCallback>;
  /** Every rule that a request breaks, empty when it is fine. Nothing is sent. */
  validate(request: unknown): Promise<Problem[]>;
  /** What a request costs, from a dated price table. Nothing is sent. */
  estimate(request: RequestInput): Promise<Estimate>;
  /** The Luma accounts that useapi.net works on; `unsupported` at every other provider. */
  accounts: Accounts;
  /** The files that were handed over to Luma's Agents API; `unsupported` at every other provider. */
  files: Files;
  /** What this client's provider has (with its `schema`), as data: for a page that shows or hides controls. Nothing is sent. */
  abilities(): Promise<Abilities>;
  /**
   * The file of a finished job, as a streaming `Response`. A link that has expired is renewed by reading the job again. The
   * key is never sent along.
   */
  download(generation: GenerationOrId, options?: DownloadOptions): Promise<Response>;
}

/**
 * Makes a client. Nothing is loaded or sent before the first call.
 *
 * ```js
 * const { generate } = createClient({ apiKey });
 * const tiger = await generate({ model: "ray-2", prompt: "A tiger walking in snow" });
 * ```
 */
export declare function createClient(options?: ClientOptions): Client;

export interface LumaError extends LumaErrorFields {}

/** The one class of error: decide by `code`, show `message`. An abort also has the name `AbortError`. */
export declare class LumaError extends Error {
  /** What lay behind it: another `LumaError`, the reason of an abort, or what a runtime threw. */
  readonly cause?: unknown;
  constructor(fields: LumaErrorFields & { message: string; cause?: unknown });
}
