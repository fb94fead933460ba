// What a server gives `parseCallback`, and what it gets.

import type { Generation } from "../generated/types.js";
import type { CallOptions } from "./options.js";

/** What a server has received: a `Request`, an unread `IncomingMessage` of Node's, or its parts. */
export type PostedCallback =
  | { headers: { get(name: string): string | null }; text(): Promise<string> }
  | ({ headers: Record<string, string | string[] | undefined> } & AsyncIterable<Uint8Array | string>)
  | { headers?: { get(name: string): string | null } | Record<string, string | string[] | undefined>; body: unknown };

export interface CallbackOptions extends CallOptions {
  /** PiAPI: the `callback_secret` of the request. A post without it is refused. Where the option is given it must have a value: an unset environment variable must not disable the check. */
  secret?: string;
  /** Trusts what was posted and makes no request. Only for what you know to come from the provider. */
  trust?: boolean | undefined;
}

/** What a callback is about. */
export interface ParsedCallback {
  /** The job as the provider reports it now; with `trust`, as it was posted. */
  generation: Generation;
  /** The job as it was posted. */
  posted: Generation;
  /** useapi.net: the request's `callback_ref`, as it was posted: anyone may have written it. */
  callback_ref?: string;
}
