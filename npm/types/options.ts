// The options of `createClient` and of each call.

import type { Clock } from "../common/clock.js";
import type { Budget, ClientEvent, ClientSettings } from "../generated/types.js";
import type { Store } from "../stores/store.js";
import type { UploadHandle } from "./media-input.js";
import type { Update, UploadProgress } from "./updates.js";

/** What `createClient` takes. An option that is not here is refused with `invalid_request`. */
export interface ClientOptions extends ClientSettings {
  /** How requests are sent: the global `fetch` by default; a simulator's, a service binding's. */
  fetch?: ((input: string, init?: RequestInit) => Promise<Response>) | undefined;
  /**
   * Stores a file where a server can fetch it and gives its public address: what `client.upload` and files in requests are handed to,
   * with every provider that takes addresses.
   */
  upload?: ((file: Blob, options: UploadHandle) => Promise<string>) | undefined;
  /**
   * Where the tickets of jobs in hand are kept, so that `resume` finds them after a reload or a crash: one of `luma-edge/stores`, or
   * three functions of your own. In memory by default.
   */
  store?: Store | undefined;
  /** Whose time is used: the machine's by default. */
  clock?: Clock | undefined;
  /** Called for every request, answer, retry, wait and poll. Events hold no key, prompt or body, and no e-mail address of useapi's ids. An exception in it is shown on the console and goes no further. */
  onEvent?: ((event: ClientEvent) => void) | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call at once with a `LumaError` of code `aborted`. A job that was created goes on and can be polled again. */
  signal?: AbortSignal | undefined;
}

export interface WaitOptions extends CallOptions {
  /** The longest to wait, in ms; without end by default. When it ends the job goes on, and the error carries it. */
  timeout?: number | undefined;
  /**
   * Called with the job when it is created, after every poll, changed or not, and between polls with its progress. An exception in it is
   * shown on the console and goes no further.
   */
  onUpdate?: ((update: Update) => void) | undefined;
  /** How often `onUpdate` is called between polls, in ms: 500 by default, 200 at least; `Infinity` for polls alone. */
  progressInterval?: number | undefined;
}

export interface CreateOptions extends CallOptions {
  /** Called while the creation waits for its turn or uploads files, and with the job once it is created. */
  onUpdate?: ((update: Update) => void) | undefined;
  /** What the job costs, in dollars, instead of the price that `estimate` knows: a budget refuses jobs of unknown price. */
  price?: number | undefined;
  /** A word of your own for the job, of 1000 characters at most, kept on its ticket: `resume` gives it back. */
  label?: string | undefined;
  /** Keeps a completed job for `resume` until you `acknowledge` it, so that a crash before its file is saved forgets nothing. */
  keep?: boolean | undefined;
}

export interface GenerateOptions extends WaitOptions, CreateOptions {}

export interface BatchOptions extends CallOptions {
  /** What the batch may spend, within what its client may. */
  budget?: Budget | undefined;
  /** The longest to wait for one job from when it is taken in hand, in ms. */
  timeout?: number | undefined;
  /** What each job costs, in dollars, instead of the price that `estimate` knows. */
  price?: number | undefined;
  /** A word of your own for each job, by the number of its request: see `generate`. */
  label?: ((index: number) => string) | undefined;
  /** Keeps each completed job until you `acknowledge` it: see `generate`. */
  keep?: boolean | undefined;
  /** Called for each job as by `generate`, with the index of its request. */
  onUpdate?: ((update: Update, index: number) => void) | undefined;
  /** As for `generate`. */
  progressInterval?: number | undefined;
}

export interface ResumeOptions extends CallOptions {
  /** The longest to wait for each, in ms. */
  timeout?: number | undefined;
  /** Called for each job as by `poll`, with its ticket. */
  onUpdate?: ((update: Update, ticket: string) => void) | undefined;
  /** As for `poll`. */
  progressInterval?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** How many at most, up to 100: by default 100, with piapi 10. What runs at useapi comes whole. */
  limit?: number | undefined;
  /** How many of the newest to skip. */
  offset?: number | undefined;
}

export interface DownloadOptions extends CallOptions {
  /**
   * Which file: `video`, else `image`, by default; any other name in `assets`, such as `progress_video`; or a number: that one of
   * `outputs`, where a job makes several.
   */
  asset?: string | number | undefined;
  /** Acknowledges the job once its file has been read to the end, whether it was kept or not. */
  acknowledge?: boolean | undefined;
  /** Called for each piece that arrives, in bytes; `total` where the storage reports it. */
  onProgress?: ((progress: { received: number; total?: number }) => void) | undefined;
}

export interface UploadOptions extends CallOptions {
  /** Called with how much has been sent, in bytes. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** useapi.net: the account to put it in, by its e-mail; by default the first that works. All files of a request must be of one. */
  account?: string | undefined;
  /** agents: its name; by default that of the `File`, in letters that every provider takes. */
  filename?: string | undefined;
  /** agents: what it is for; the server's default is `input`. */
  purpose?: "input" | "reference" | (string & {}) | undefined;
  /** agents: when it is deleted by itself; a string is a date and time such as `2026-12-24T18:00:00Z`. */
  expiresAt?: Date | string | undefined;
  /** agents: whose it is, as your own id. */
  userId?: string | undefined;
}

export interface ListFilesOptions extends CallOptions {
  /** Behind which page: its `next_cursor`. */
  cursor?: string | undefined;
  /** How many at most, 1 to 100; the server's default is 25. */
  limit?: number | undefined;
  /** Only those for that purpose. */
  purpose?: "input" | "reference" | (string & {}) | undefined;
  /** Only those in that state. */
  state?: "pending" | "ready" | "failed" | "deleted" | (string & {}) | undefined;
}
