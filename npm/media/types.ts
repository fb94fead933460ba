// What the client hands to the part that deals with files, and what the files of that part say to each other.

import type { Hold } from "../common/clock.js";
import type { Fetch } from "../fetch/fetch.js";
import type { Generation, ProblemCode, ProviderId } from "../generated/types.js";
import type { ClientOptions, GenerateOptions } from "../types/options.js";
import type { UploadProgress } from "../types/updates.js";

/** The copy of a request, not checked yet. */
export type RequestBody = Record<string, unknown>;

/** What stands in a request and must become something else before that can be sent; in the copy of the request null stands there. */
export interface PendingMedia {
  /** Where, as the keys that lead there. */
  path: string[];
  /** A file, a whole generation, or an address that the provider does not take. */
  given: Blob | Generation | string;
}

/** The client whose files are uploaded. */
export interface MediaClient extends Pick<ClientOptions, "upload" | "clock" | "schema" | "validate"> {
  provider: ProviderId;
  fetch: Fetch;
  /** Keeps the time of `clock` where it is while something is under way. */
  hold: Hold;
  /** The option `fetch`, where the caller gave one. */
  ownFetch?: Fetch | undefined;
  /** Request bodies that have a way of their own to be sent. */
  senders: WeakMap<object, Fetch>;
  /** Calls the WebAssembly; what comes of it depends on the method. */
  run(method: DryRunMethod | "Upload", subject: unknown, request?: undefined, options?: GenerateOptions): Promise<unknown>;
}

/** The calls that read a request and send nothing. */
export type DryRunMethod = "Validate" | "Estimate";

/** What a request names a file or a generation by. */
export interface Reference {
  url?: string;
  file_id?: string;
  type?: string;
  id?: string;
  media_type?: string;
}

/** The kind of media that a place takes, or that a file is. */
export type Kind = "image" | "video";

/** Why a file is not taken: the code and the words of a problem. */
export type Wrong = [code: ProblemCode, message: string];

/** What the Agents API records about a file besides its bytes, in its own words. */
export type FileDetails = Partial<Record<"filename" | "purpose" | "expires_at" | "user_id", string>>;

export type ProgressListener = (progress: UploadProgress) => void;

/** A caller of work that several may share. */
export interface Caller {
  /** Aborts when the caller wants it no more. */
  signal: AbortSignal;
  onProgress?: ProgressListener | undefined;
}
