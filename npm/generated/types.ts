// Written by `npm run types` from the Rust types and rule tables in src/: change those, not this.

/** The plain part of `createClient`'s options; functions stay on the JavaScript side. */
export type ClientSettings = { 
/**
 * Which provider answers. Default: whose key it is by its form (`luma-api-…` is `agents`, `user:…` is `useapi`), else
 * `dream-machine`; without a key `agents`.
 */
provider?: ProviderId | undefined, 
/**
 * The key. Left out behind a proxy that adds it; then `baseUrl` must be given.
 */
apiKey?: string | undefined, 
/**
 * What the endpoints' paths are appended to. By default the provider's own, such as
 * `https://api.lumalabs.ai/dream-machine/v1`; a relative one works in a page.
 */
baseUrl?: string | undefined, 
/**
 * The longest that one HTTP request may take, its answer's body included, in ms. Default 60000. A `sync` image gets
 * what its `sync_timeout` needs on top.
 */
timeout?: number | undefined, 
/**
 * How often a call is sent again after a failure that allows it. Default 4. A read is sent again after network
 * errors, timeouts, 408, 429 and 5xx; a creation only after an answer that proves that nothing was made.
 */
maxRetries?: number | undefined, 
/**
 * Whether requests are checked before they are sent. Default `true`; `false` sends every request just as it is.
 */
validate?: boolean | undefined, 
/**
 * What the account may do: by default what the provider documents (for Dream Machine Luma's Build tier, `"build"`: 10 videos
 * at once and 20 a minute, 40 images at once and 80 a minute; guide, read on 2026-11-20), `"none"`, or numbers of its own. Creations queue for their turn, so
 * that none is refused. Clients with the same key share the limits within one page or isolate.
 */
limits?: "build" | "none" | Limits | undefined, 
/**
 * What this client may spend. A creation that would cost more is refused before it is sent.
 */
budget?: Budget | undefined, 
/**
 * What happens after a creation whose answer was lost. Default `find`.
 */
recovery?: RecoveryMode | undefined, 
/**
 * Whether a creation at a `baseUrl` that is not the provider's own has an `idempotency-key`, by which luma-edge's Worker makes no job
 * twice. Default: yes; in a page, to another origin than the page's own, once that server has shown that it honours it.
 */
idempotencyKeys?: boolean | undefined, 
/**
 * What becomes of a field that this provider has not. Default `refuse`.
 */
unsupported?: Unsupported | undefined, 
/**
 * PiAPI: which form of its requests is sent. Default `2026`; the other is what it documented in 2025.
 */
schema?: "2026" | "2025" | undefined, 
/**
 * Dream Machine: create videos at the older `POST /generations`. Default `false`.
 */
legacyPath?: boolean | undefined, };

/** The limits of each kind. */
export type Limits = { 
/**
 * The limit of whatever gives a video.
 */
video?: Limit | undefined, 
/**
 * The limit of whatever gives a picture.
 */
image?: Limit | undefined, };

/** What an account may do with one kind of job. A number that is absent is no limit. */
export type Limit = { 
/**
 * How many may be unfinished at once.
 */
concurrent?: number | undefined, 
/**
 * How many may be created in any 60 s.
 */
perMinute?: number | undefined, };

/** Dollars to be spent, by a client or by one of its batches. */
export type Budget = { 
/**
 * The most that jobs may cost together, in dollars. Those under way count; those that failed and are refunded do not. A job
 * waits while refunds may still pay for it.
 */
usd: number, 
/**
 * What a job is taken to cost, in dollars, when no price for it is known. Without this such a job is refused.
 */
price?: number | undefined, };

/** What happens after a creation whose answer was lost. */
export type RecoveryMode = "find" | "report" | "resend";

/** What becomes of a field that another provider has and this one has not. */
export type Unsupported = "refuse" | "drop";

/** The providers by name. `useapi` is experimental: its vendor has stopped to list it, and nothing says that it still answers. */
export type ProviderId = "agents" | "dream-machine" | "useapi" | "piapi";

/** Where a job stands. */
export type State = "queued" | "dreaming" | "completed" | "failed";

/** Whose turn it is to change something. */
export type Fault = "request" | "provider" | "unknown";

/** Why a job failed, as a kind. */
export type FailureCode = "moderation" | "input_frames" | "prompt_processing" | "job" | "callback" | "unknown";

/** Why a job failed, in the code that the provider itself gives: Luma's Agents API does (luma-agents 0.5.0, 2026-08-04). */
export type ProviderCode = "content_moderated" | "generation_failed" | "budget_exhausted" | "output_not_found" | "image_too_large" | "unsupported_format" | "corrupt_input" | "invalid_request" | "rate_limited" | (string & {});

/** Why a job failed and what that means. */
export type Failure = { 
/**
 * The kind of reason.
 */
code: FailureCode, 
/**
 * The provider's own code, where it gives one.
 */
provider_code?: ProviderCode, 
/**
 * The provider's own words.
 */
reason: string, 
/**
 * Whose fault it is.
 */
fault: Fault, 
/**
 * Whether the same request, sent again, may succeed.
 */
retryable: boolean, 
/**
 * Whether the provider gives the money back.
 */
refunded: boolean, };

/** One of several files that a job made. */
export type Output = { 
/**
 * What it is: `image`, `video`, `exr`, or what the provider calls it.
 */
kind: string, 
/**
 * Its address.
 */
url: string, 
/**
 * What the provider says of a layer (`index`, `label`, `description`, `alpha_hint`).
 */
layer?: Record<string, unknown>, };

/** One job at a provider, whole. */
export type Generation = { 
/**
 * The provider's id for it.
 */
id: string, 
/**
 * The provider that makes it.
 */
provider: ProviderId, 
/**
 * Where it stands.
 */
state: State, 
/**
 * The provider's word for where it stands, if this version does not know that word.
 */
unknown_state?: string, 
/**
 * Why it failed, when it did.
 */
failure?: Failure, 
/**
 * When the provider took it, as the provider writes it (ISO 8601).
 */
created_at?: string, 
/**
 * What was made, so far.
 */
assets: { video?: string; image?: string; progress_video?: string; [kind: string]: string | undefined }, 
/**
 * Every file that was made, in the provider's order, where a job makes several of a kind; absent where `assets` tells all.
 */
outputs?: Array<Output>, 
/**
 * Which model, in the provider's words (`photon-v1.0`), which need not be the request's.
 */
model?: string, 
/**
 * The request, as the provider echoes it.
 */
request?: Record<string, unknown>, 
/**
 * The provider's own answer, untouched.
 */
raw: Record<string, unknown>, };

/** How far a job is: the APIs give no percentage, so this is time against the usual time. */
export type JobTime = { 
/**
 * How long it has run, in ms.
 */
elapsed: number, 
/**
 * How long such a job usually takes, in ms.
 */
expected: number, 
/**
 * How sure that is, from 0 (a guess from what users report) to 1; it grows with the jobs that this client has seen end.
 */
confidence: number, };

/** Where a creation stands in its queue. */
export type Queue = { 
/**
 * How many go before it.
 */
position: number, 
/**
 * When it may be sent, as far as is known, in ms from now.
 */
wait: number, };

/** A job, or a creation, that can be resumed. */
export type TicketInfo = { 
/**
 * Its id.
 */
ticket: string, 
/**
 * The job's id, once it is known.
 */
id?: string, 
/**
 * The job's state at its last poll; `completed` for one that is kept until it is acknowledged. Before the job is known: `waiting` in the queue, or `sent`. Absent when the ticket cannot
 * be read.
 */
state?: "waiting" | "sent" | State, 
/**
 * What was asked for, where that can be read, without a `callback_secret`.
 */
request?: Record<string, unknown>, 
/**
 * The `label` that its caller gave it.
 */
label?: string, };

/** What kind of thing went wrong, and with it what a caller can do. */
export type Code = "invalid_request" | "authentication" | "insufficient_credits" | "rate_limited" | "moderated" | "generation_failed" | "budget_exceeded" | "unsupported" | "not_found" | "gone" | "timeout" | "aborted" | "network" | "server" | "protocol" | "unknown_outcome" | "store" | "internal";

/** What kind of rule a value breaks. */
export type ProblemCode = "required" | "invalid_type" | "invalid_value" | "too_short" | "too_long" | "too_few" | "too_many" | "out_of_range" | "too_large" | "invalid_url" | "conflict" | "unsupported" | "disputed" | "suspicious" | "unknown_type";

/** One broken rule: where, which, and what to do about it. */
export type Problem = { 
/**
 * The field at fault, such as `keyframes.frame0.url` or `image_ref[2].weight`; empty for the request as a whole.
 */
path: string, 
/**
 * What kind of rule.
 */
code: ProblemCode, 
/**
 * The rule in words: the provider's own where it has some.
 */
message: string, };

/** A creation whose outcome is not known: what to look for in the provider's list. */
export type Creation = { 
/**
 * Its ticket, which `resume` takes up.
 */
ticket: string, 
/**
 * The body that was sent.
 */
request: Record<string, unknown>, 
/**
 * When, in ms since 1970 by this machine's clock.
 */
sentAt: number, };

/** A failure, whole. */
export type LumaErrorFields = { 
/**
 * What kind.
 */
code: Code, 
/**
 * Every broken rule, when `code` is `invalid_request`.
 */
problems: Array<Problem>, 
/**
 * The HTTP status, when a server answered.
 */
status?: number, 
/**
 * Whether the same call may succeed later without a change.
 */
retryable: boolean, 
/**
 * The provider's name for the request (`x-request-id`), for its support.
 */
requestId?: string, 
/**
 * The provider that was asked.
 */
provider?: ProviderId, 
/**
 * The job, as last seen, where there is one: so that it can be polled again.
 */
generation?: Generation, 
/**
 * The creation in doubt, when `code` is `unknown_outcome`.
 */
creation?: Creation, };

/** How sure a price is. */
export type Certainty = "published" | "approximate" | "unknown";

/** A price before anything is sent. */
export type Estimate = { 
/**
 * US dollars; absent when no price is known for this.
 */
usd?: number, 
/**
 * How sure that is.
 */
certainty: Certainty, 
/**
 * What the price is for, in words: the size and length that it stands on.
 */
basis: string, 
/**
 * Where the provider published the price; absent when it did not.
 */
source?: string, 
/**
 * The day of the price table, `YYYY-MM-DD`.
 */
asOf: string, };

/** One page of a list. */
export type Page = { 
/**
 * The jobs, newest first.
 */
generations: Generation[], 
/**
 * Whether another page follows. Where the provider does not say, one may follow a page that is as long as it could be.
 */
has_more: boolean, 
/**
 * How many the page was allowed to hold.
 */
limit?: number, 
/**
 * How many were skipped before it.
 */
offset?: number, 
/**
 * The number that the provider gives as `count`.
 */
count?: number, 
/**
 * The provider's own answer, untouched, where it tells more: of useapi and piapi.
 */
raw?: Record<string, unknown>, };

/** What a balance counts. */
export type CreditUnit = "usd_cents" | "usd" | "credits";

/** What is left to spend. */
export type Credits = { 
/**
 * How much.
 */
amount: number, 
/**
 * What it counts.
 */
unit: CreditUnit, 
/**
 * The provider's own answer, untouched.
 */
raw: Record<string, unknown>, };

/** A file that the provider keeps. */
export type UploadedFile = { 
/**
 * What a request names it by: `{ file_id }`.
 */
id: string, 
/**
 * `ready` can be used. A `deleted` one is still listed.
 */
state: "pending" | "ready" | "failed" | "deleted" | (string & {}), 
/**
 * Why it `failed`.
 */
failure_reason?: string, 
/**
 * Its name.
 */
filename?: string, 
/**
 * What it is, such as `image/png`.
 */
mime_type?: string, 
/**
 * How many bytes it has.
 */
size_bytes?: number, 
/**
 * What it is for.
 */
purpose?: "input" | "reference" | (string & {}), 
/**
 * The user whose file it is, in the words of the uploader.
 */
user_id?: string, 
/**
 * When it was handed over, ISO 8601.
 */
created_at?: string, 
/**
 * When it goes by itself, ISO 8601.
 */
expires_at?: string, 
/**
 * When it was removed, ISO 8601.
 */
deleted_at?: string, 
/**
 * The provider's own answer, untouched.
 */
raw: Record<string, unknown>, };

/** One page of files. */
export type FilePage = { 
/**
 * The files.
 */
files: UploadedFile[], 
/**
 * Whether another page follows.
 */
has_more: boolean, 
/**
 * What the next page is asked for with, as `cursor`.
 */
next_cursor?: string, };

/** What waits or runs at the moment. */
export type ActiveTasks = { 
/**
 * How many jobs of Luma's, from any user of the key.
 */
count: number, 
/**
 * The provider's own answer, untouched.
 */
raw: Record<string, unknown>, };

/** One thing that happened. */
export type ClientEvent = { "type": "request", 
/**
 * `GET`, `POST` or `DELETE`.
 */
method: string, 
/**
 * Where to.
 */
url: string, 
/**
 * 0 for the first try of a call, 1 for its first retry, and so on.
 */
attempt: number, } | { "type": "response", 
/**
 * `GET`, `POST` or `DELETE`.
 */
method: string, 
/**
 * Where from.
 */
url: string, 
/**
 * The HTTP status.
 */
status: number, 
/**
 * How long it took, in ms.
 */
elapsed: number, } | { "type": "request_failed", 
/**
 * `GET`, `POST` or `DELETE`.
 */
method: string, 
/**
 * Where to.
 */
url: string, 
/**
 * `network` or `timeout`.
 */
code: Code, 
/**
 * How long was waited, in ms.
 */
elapsed: number, } | { "type": "retry", 
/**
 * Where to.
 */
url: string, 
/**
 * What went wrong.
 */
code: Code, 
/**
 * The wait before that, in ms.
 */
after: number, } | { "type": "warning", 
/**
 * The field.
 */
path: string, 
/**
 * `disputed` or `suspicious`.
 */
code: ProblemCode, 
/**
 * What about it.
 */
message: string, } | { "type": "queued", 
/**
 * Its ticket.
 */
ticket: string, 
/**
 * How many go before it.
 */
position: number, 
/**
 * When it may be sent, as far as is known, in ms from now.
 */
wait: number, } | { "type": "outcome_unknown", 
/**
 * Its ticket.
 */
ticket: string, 
/**
 * What went wrong.
 */
code: Code, } | { "type": "recovered", 
/**
 * Its ticket.
 */
ticket: string, 
/**
 * The job.
 */
id: string, } | { "type": "ticket_quarantined", 
/**
 * Its name.
 */
ticket: string, } | { "type": "wait", 
/**
 * The job.
 */
id: string, 
/**
 * How long, in ms.
 */
ms: number, } | { "type": "update", 
/**
 * The job.
 */
id: string, 
/**
 * Where it stands.
 */
state: State, };

/** What a field of a request may hold at a provider. */
export type CapabilityField = { 
/**
 * `enum`: one of `values`, or one that is newer; `media`: an object with one of the fields in `by`.
 */
type: "text" | "enum" | "boolean" | "number" | "integer" | "url" | "id" | "object" | "list" | "tagged" | "media" | "one_of", required?: boolean, values?: Array<string>, 
/**
 * The fewest characters or items, or the least number.
 */
min?: number, 
/**
 * The most; `null` where there is no limit.
 */
max?: number | null, by?: Array<"url" | "id" | "data" | "file_id">, fields?: Record<string, CapabilityField>, variants?: Record<string, Record<string, CapabilityField>>, of?: CapabilityField | Array<CapabilityField>, };

/** What a provider has. */
export type Capabilities = { provider: ProviderId, 
/**
 * The kinds of request that it takes, by `generation_type`, each with the model that is filled in, if any, the models that are known,
 * and its fields. A newer model passes.
 */
requests: Partial<Record<string, { model: string | null; models: string[]; fields: Record<string, CapabilityField> }>>, 
/**
 * Which calls it answers.
 */
calls: { upscale: boolean, addAudio: boolean, list: boolean, delete: boolean, credits: boolean, cameraMotions: boolean, concepts: boolean, activeTasks: boolean, ping: boolean, upload: boolean, files: boolean, accounts: boolean, }, 
/**
 * How it takes files itself; `null` where it takes none and `createClient` needs an `upload`.
 */
upload: "bytes" | "base64" | null, 
/**
 * Whether a creation whose answer was lost can be found: always, when a single job fits, or never.
 */
recovery: "always" | "unique" | "never", };

/** A video from text, from pictures, or on from an earlier video. */
export interface VideoRequest {
  /** agents: What to make, in words: 1 to 6000 Unicode characters (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: What to make, in words: 3 to 5000 Unicode characters; may be left out beside a picture in `keyframes` (guide, errors page). useapi (experimental): What to make, in words; no limit is published (useapi.net, 2026-04-06). piapi: What to make, in words; no length is published (piapi.ai docs, 2026-02). */
  prompt?: string | undefined;
  /** agents: `ray-3.2` (filled in when left out), or a newer name (luma-agents 0.5.0). dream-machine: `ray-2` (filled in when left out), `ray-flash-2`, or a newer name (API). useapi (experimental): `ray-v3-flash` (filled in when left out), `ray-v3`, `ray-v3-reasoning`, or a newer name (useapi.net, 2026-04-06). piapi: `ray-v2` (filled in when left out; `ray-2` becomes it), or a newer name. */
  model?: string | undefined;
  /** agents: Width to height (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: Width to height; the server's default is `16:9` (API, AspectRatio). useapi (experimental): Width to height; the server's default is `16:9` (useapi.net, 2026-04-06). piapi: Width to height; the server's default is `16:9` (integrations, 2026-08). */
  aspect_ratio?: "9:16" | "3:4" | "1:1" | "4:3" | "16:9" | "21:9" | (string & {}) | "1:1" | "16:9" | "9:16" | "4:3" | "3:4" | "21:9" | "9:21" | (string & {}) | undefined;
  /** agents: `360p`, `540p`, `720p` or `1080p`; the server's default is `720p` (luma-agents 0.5.0). dream-machine: `540p`, `720p`, `1080p` or `4k`; `1080` becomes `1080p` (API). useapi (experimental): `draft` (the server's default), `540p`, `720p` or `1080p`. `ray-v3-reasoning` and HDR have no drafts: for them `720p` is sent when it is left out. A free Luma account makes drafts alone (useapi.net, 2026-04-06). */
  resolution?: "360p" | "540p" | "720p" | "1080p" | (string & {}) | number | "540p" | "720p" | "1080p" | "4k" | (string & {}) | number | "draft" | "540p" | "720p" | "1080p" | (string & {}) | number | undefined;
  /** agents: How long: `5s`, the server's default, or `10s`, which takes neither `loop` nor a first or last picture (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: How long: `5s` or `9s`, by name; the API takes any word (API, VideoModelOutputDuration). useapi (experimental): How long: `5s` or `10s`; the server's default is `5s`. HDR is 5 s long (useapi.net, 2026-04-06). piapi: How long: `5s`; `9s` (integrations, 2026-08) or, with schema 2025, `10s` for text alone (piapi.ai docs, 2026-01). Sent as a number. */
  duration?: "5s" | "10s" | (string & {}) | number | "5s" | "9s" | (string & {}) | number | "5s" | "9s" | "10s" | (string & {}) | number | undefined;
  /** agents: Whether the end flows into the beginning (luma-agents 0.5.0). dream-machine: Whether the end flows into the beginning; only for text, a first picture, or an extension (guide, errors). piapi: Whether the end flows into the beginning (piapi.ai docs, 2026-02). */
  loop?: boolean | undefined;
  /** agents: High dynamic range; a video's `resolution` must then be `720p` or `1080p`, and it cannot loop (docs.agents.lumalabs.ai, 2026-11-20). useapi (experimental): HEVC Main 10 in BT.2020 and PQ in place of H.264: browsers do not play it. 540p, 720p or 1080p (`dynamic_range`; useapi.net, 2026-04-06). */
  hdr?: boolean | undefined;
  /** agents: The frames as EXR files too, in a ZIP; needs `hdr` (docs.agents.lumalabs.ai, 2026-11-20). useapi (experimental): With `hdr`: a ZIP of EXR frames beside the video. 540p or 720p (`dynamic_range`; useapi.net, 2026-04-06). */
  exr_export?: boolean | undefined;
  /** agents: A first picture, a last one, or both; or a list of 1 to 64 pictures with `keyframe_indexes` (luma-agents 0.5.0). dream-machine: What stands at the ends: a picture starts or ends the video, a generation is extended, both are joined (guide, keyframes). useapi (experimental): Pictures at the ends, as `client.upload` gave them; both of one account (`imageStart`, `imageEnd`; useapi.net, 2026-04-06). piapi: A first picture, a last one, or both (piapi.ai docs, 2026-02). */
  keyframes?: {
    /** The first picture, or the video that this one goes on from. */
    frame0?: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | undefined;
    /** The last picture, or the video that this one leads to. */
    frame1?: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | undefined;
  } | Array<{ url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string }> | {
    /** The first picture, or the generation that this one goes on from. */
    frame0?: {
      type: "image";
      /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
      url: string;
    } | {
      type: "generation";
      /** A completed generation of the same account (guide, extend video). */
      id: string;
    } | undefined;
    /** The last picture, or the generation that this one leads to. */
    frame1?: {
      type: "image";
      /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
      url: string;
    } | {
      type: "generation";
      /** A completed generation of the same account (guide, extend video). */
      id: string;
    } | undefined;
  } | {
    /** The first picture. */
    frame0?: { file_id: string } | undefined;
    /** The last picture. */
    frame1?: { file_id: string } | undefined;
  } | {
    /** The first picture; sent as `start_image`. */
    frame0?: { url: string } | undefined;
    /** The last picture; sent as `end_image`. */
    frame1?: { url: string } | undefined;
  } | undefined;
  /** agents: Where each of the pictures stands, on a grid of 24 frames a second: 0 to 120, or to 240 in 10 s, each once (luma-agents 0.5.0). */
  keyframe_indexes?: Array<number> | undefined;
  /** agents: A style of pictures (luma-agents 0.5.0). */
  style?: "auto" | "manga" | (string & {}) | undefined;
  /** agents: For pictures: whether to look things up (luma-agents 0.5.0). */
  web_search?: boolean | undefined;
  /** agents: File format of pictures (luma-agents 0.5.0). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** agents: Your own name for the user for whom it is made (luma-agents 0.5.0). */
  user_id?: string | undefined;
  /** agents, dream-machine, useapi (experimental): Says which form this is; left out, it follows from the model, else from the fields. piapi: `video`, which is all that is offered. */
  generation_type?: "video" | undefined;
  /** dream-machine: Camera concepts, for Ray 2 models (guide, concepts). */
  concepts?: Array<{
    /** One of `client.concepts()`, such as `dolly_zoom` (API, Concept). */
    key: string;
  }> | undefined;
  /** dream-machine: Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). useapi (experimental): Where the job is POSTed when it is completed or failed (`replyUrl`). Nothing is signed, and no retries are promised: read the job again before you believe it (useapi.net, 2026-04-06). piapi: Where the server POSTs the task when it starts, completes or fails; sent up to 3 times, 5 s apart, until the answer is 2xx (piapi.ai webhook docs, 2024-08; retries by integrations). */
  callback_url?: string | undefined;
  /** useapi (experimental): A character to keep; `ray-v3` without HDR (`imageCharacter`; useapi.net, 2026-04-06). */
  character_ref?: {
    /** The character. */
    identity0: {
      /** One picture of the character. */
      images: Array<{ file_id: string }>;
    };
  } | undefined;
  /** useapi (experimental): The Luma account to work on; left out, the one that owns the files referred to, else any that has room (useapi.net, 2026-04-06). */
  email?: string | undefined;
  /** useapi (experimental): A word of your own that comes back with the callback (`replyRef`; useapi.net, 2026-04-06). */
  callback_ref?: string | undefined;
  /** piapi: What those POSTs carry in `x-webhook-secret`, in clear, so that you know who calls (piapi.ai webhook docs, 2024-08). */
  callback_secret?: string | undefined;
  /** piapi: `public`: pay as you go; `private`: through a Luma account of your own that is connected in PiAPI's workspace; left out, what the workspace says (piapi.ai docs, 2026-02). */
  service_mode?: "public" | "private" | (string & {}) | undefined;
}

/** A picture from text and references, or one picture changed. */
export interface ImageRequest {
  /** agents: What to make, in words: 1 to 6000 Unicode characters (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: What to make, in words: 3 to 5000 Unicode characters (guide, errors page). useapi (experimental): What to make, in words: at most 2000 characters (useapi.net, 2026-04-06). */
  prompt: string;
  /** agents: `uni-1` (filled in when left out), `uni-1-max`, or a newer name (luma-agents 0.5.0). dream-machine: `photon-1` (filled in when left out), `photon-flash-1`, or a newer name (API). useapi (experimental): `photon-v2` (filled in when left out), `image-v2`, or a newer name (useapi.net, 2026-04-06). */
  model?: string | undefined;
  /** agents: Width to height (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: Width to height; the server's default is `16:9` (API, AspectRatio). useapi (experimental): Width to height; the server's default is `16:9` (useapi.net, 2026-04-06). */
  aspect_ratio?: "3:1" | "2:1" | "16:9" | "3:2" | "1:1" | "2:3" | "9:16" | "1:2" | "1:3" | (string & {}) | "1:1" | "16:9" | "9:16" | "4:3" | "3:4" | "21:9" | "9:21" | (string & {}) | "9:16" | "3:4" | "1:1" | "4:3" | "16:9" | "21:9" | (string & {}) | undefined;
  /** agents: File format of the picture (`output_format`, which says `jpeg`, in luma-agents 0.5.0). dream-machine: File format of the picture; the server's default is `jpg` (API, ImageFormat). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** agents: Pictures to look at: up to 9, or 8 beside `modify_image_ref`; at most 50 MB and 8000 pixels a side; without weights (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: Up to 4 pictures to take content from (guide, image references). useapi (experimental): Up to 4 pictures, as `client.upload` gave them, all of one account; they have no weights (`imageRef1` to `imageRef4`; useapi.net, 2026-04-06). */
  image_ref?: Array<{ url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string }> | Array<{
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
    /** How strongly it counts, 0 to 1 (guide, image references). */
    weight?: number | undefined;
  }> | Array<{ file_id: string }> | undefined;
  /** agents: The picture to change as the prompt says (`source` in luma-agents 0.5.0). dream-machine: The picture to change as the prompt says (guide, modify image). */
  modify_image_ref?: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
    /** How strongly it counts, 0 to 1 (guide, image references). */
    weight?: number | undefined;
  } | undefined;
  /** agents: `auto` or `manga`, which is drawn upright only (docs.agents.lumalabs.ai, 2026-11-20). */
  style?: "auto" | "manga" | (string & {}) | undefined;
  /** agents: Whether the model may look things up on the web (luma-agents 0.5.0). */
  web_search?: boolean | undefined;
  /** agents: Your own name for the user for whom it is made (luma-agents 0.5.0). */
  user_id?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "image" | undefined;
  /** dream-machine: Pictures to take the style from (guide, style reference). */
  style_ref?: Array<{
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
    /** How strongly it counts, 0 to 1 (guide, image references). */
    weight?: number | undefined;
  }> | undefined;
  /** dream-machine: A character to keep (guide, character reference: up to 4 pictures). */
  character_ref?: {
    /** The character; the API has one identity (guide, character reference). */
    identity0: {
      /** 1 to 4 public addresses of pictures of one character (guide, character reference). */
      images: Array<string>;
    };
  } | undefined;
  /** dream-machine: Whether the answer waits for the finished picture; default `false` (API). */
  sync?: boolean | undefined;
  /** dream-machine: How long such an answer waits; the API's default is 60 and its unit, undocumented, is taken as seconds. */
  sync_timeout?: number | undefined;
  /** dream-machine: Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). useapi (experimental): Where the job is POSTed when it is completed or failed (`replyUrl`). Nothing is signed, and no retries are promised: read the job again before you believe it (useapi.net, 2026-04-06). */
  callback_url?: string | undefined;
  /** useapi (experimental): `720p` (the server's default) or `1080p`; `image-v2` with references makes `720p` alone (useapi.net, 2026-04-06). */
  resolution?: "720p" | "1080p" | (string & {}) | number | undefined;
  /** useapi (experimental): The Luma account to work on; left out, the one that owns the files referred to, else any that has room (useapi.net, 2026-04-06). */
  email?: string | undefined;
  /** useapi (experimental): A word of your own that comes back with the callback (`replyRef`; useapi.net, 2026-04-06). */
  callback_ref?: string | undefined;
}

/** A picture continued to another ratio; the source is at most 10 MB (guide, reframe). */
export interface ReframeImageRequest {
  /** The picture (API). */
  media: {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
  };
  /** `photon-1` or `photon-flash-1` (API). */
  model: string;
  /** The ratio to fill: `16:9` gives 2048x1152, `1:1` 1536x1536, `21:9` 2432x1024 and so on (guide, reframe). */
  aspect_ratio: "1:1" | "16:9" | "9:16" | "4:3" | "3:4" | "21:9" | "9:21" | (string & {});
  /** What to bear in mind, in words (API). */
  prompt?: string | undefined;
  /** File format of the picture; the server's default is `jpg` (API, ImageFormat). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** Left edge of the source in the new frame, in pixels (API). */
  grid_position_x?: number | undefined;
  /** Top edge of the source in the new frame, in pixels (API). */
  grid_position_y?: number | undefined;
  /** Left bound of the crop, in pixels (API). */
  x_start?: number | undefined;
  /** Right bound of the crop, in pixels (API). */
  x_end?: number | undefined;
  /** Top bound of the crop, in pixels (API). */
  y_start?: number | undefined;
  /** Bottom bound of the crop, in pixels (API). */
  y_end?: number | undefined;
  /** Width of the source once resized, in pixels (API). */
  resized_width?: number | undefined;
  /** Height of the source once resized, in pixels (API). */
  resized_height?: number | undefined;
  /** Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). */
  callback_url?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "reframe_image" | undefined;
}

/** A video continued to another ratio, in standard dynamic range (docs.agents.lumalabs.ai, 2026-11-20). */
export interface ReframeVideoRequest {
  /** agents: The video, with its `media_type` beside an address whose ending does not tell it; at most 200 MB, and 18 s to be modified, 30 s to be reframed (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: The video (API). */
  media: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
  };
  /** agents: The ratio to fill, another than the source's; upright ones go up to `720p` (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: The ratio to fill: `16:9` gives 2048x1152, `1:1` 1536x1536, `21:9` 2432x1024 and so on (guide, reframe). */
  aspect_ratio?: "9:16" | "3:4" | "1:1" | "4:3" | "16:9" | "21:9" | (string & {}) | "1:1" | "16:9" | "9:16" | "4:3" | "3:4" | "21:9" | "9:21" | (string & {}) | undefined;
  /** agents: What to make, in words: 1 to 6000 Unicode characters (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: What to bear in mind, in words (API). */
  prompt?: string | undefined;
  /** agents: `ray-3.2` (filled in when left out), or a newer name (luma-agents 0.5.0). dream-machine: `ray-2` or `ray-flash-2` (API). */
  model?: string | undefined;
  /** agents: `360p`, `540p`, `720p` or `1080p`; the server's default is `720p` (luma-agents 0.5.0). */
  resolution?: "360p" | "540p" | "720p" | "1080p" | (string & {}) | number | undefined;
  /** agents: Where the source lies in the new frame, in parts of the frame's sides; all four (luma-agents 0.5.0). */
  source_position?: {
    /** Left edge; below 0 the source begins outside (luma-agents 0.5.0). */
    x_norm: number;
    /** Top edge; below 0 the source begins outside (luma-agents 0.5.0). */
    y_norm: number;
    /** Width, up to 2 (luma-agents 0.5.0). */
    w_norm: number;
    /** Height, up to 2 (luma-agents 0.5.0). */
    h_norm: number;
  } | undefined;
  /** agents: A reframe is as long as its source (luma-agents 0.5.0). */
  duration?: "5s" | "10s" | (string & {}) | number | undefined;
  /** agents: A style of pictures (luma-agents 0.5.0). */
  style?: "auto" | "manga" | (string & {}) | undefined;
  /** agents: For pictures: whether to look things up (luma-agents 0.5.0). */
  web_search?: boolean | undefined;
  /** agents: File format of pictures (luma-agents 0.5.0). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** agents: Your own name for the user for whom it is made (luma-agents 0.5.0). */
  user_id?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "reframe_video" | undefined;
  /** dream-machine: A picture of how the first frame should look once reframed (API). */
  first_frame?: {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
  } | undefined;
  /** dream-machine: Left edge of the source in the new frame, in pixels (API). */
  grid_position_x?: number | undefined;
  /** dream-machine: Top edge of the source in the new frame, in pixels (API). */
  grid_position_y?: number | undefined;
  /** dream-machine: Left bound of the crop, in pixels (API). */
  x_start?: number | undefined;
  /** dream-machine: Right bound of the crop, in pixels (API). */
  x_end?: number | undefined;
  /** dream-machine: Top bound of the crop, in pixels (API). */
  y_start?: number | undefined;
  /** dream-machine: Bottom bound of the crop, in pixels (API). */
  y_end?: number | undefined;
  /** dream-machine: Width of the source once resized, in pixels (API). */
  resized_width?: number | undefined;
  /** dream-machine: Height of the source once resized, in pixels (API). */
  resized_height?: number | undefined;
  /** dream-machine: Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). */
  callback_url?: string | undefined;
}

/** A video made anew along its own motion, in its own shape (docs.agents.lumalabs.ai, 2026-11-20). */
export interface ModifyVideoRequest {
  /** agents: The video, with its `media_type` beside an address whose ending does not tell it; at most 200 MB, and 18 s to be modified, 30 s to be reframed (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: The video (API). */
  media: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
  };
  /** agents: What to make, in words: 1 to 6000 Unicode characters (docs.agents.lumalabs.ai, 2026-11-20). dream-machine: What to bear in mind, in words (API). */
  prompt?: string | undefined;
  /** agents: `ray-3.2` (filled in when left out), or a newer name (luma-agents 0.5.0). dream-machine: `ray-2` or `ray-flash-2` (API). */
  model?: string | undefined;
  /** agents: How far the result may leave the source: `adhere_1` the least, `reimagine_3` the most (`strength` in luma-agents 0.5.0). dream-machine: How far the result may leave the source: `adhere_1` the least, `reimagine_3` the most (API). */
  mode?: "adhere_1" | "adhere_2" | "adhere_3" | "flex_1" | "flex_2" | "flex_3" | "reimagine_1" | "reimagine_2" | "reimagine_3" | (string & {}) | undefined;
  /** agents: Whether the server chooses what to keep; then neither `mode` nor `controls` (docs.agents.lumalabs.ai, 2026-11-20). */
  auto_controls?: boolean | undefined;
  /** agents: What of the source is kept (luma-agents 0.5.0). */
  controls?: {
    /** How people stand and move. */
    pose?: {
      /** Whether it counts. */
      enabled?: boolean | undefined;
      /** `precise` or `coarse`. */
      strength?: "precise" | "coarse" | (string & {}) | undefined;
    } | undefined;
    /** How far things are. */
    depth?: {
      /** Whether it counts. */
      enabled?: boolean | undefined;
      /** 0 to 1. */
      blur?: number | undefined;
    } | undefined;
    /** How surfaces lie. */
    normals?: {
      /** Whether it counts. */
      enabled?: boolean | undefined;
      /** 0 to 1. */
      augmentation?: number | undefined;
    } | undefined;
    /** How things go. */
    trajectory?: {
      /** Whether it counts. */
      enabled?: boolean | undefined;
      /** 0 to 1. */
      sparsity?: number | undefined;
    } | undefined;
    /** Faces. */
    face?: {
      /** Whether it counts. */
      enabled?: boolean | undefined;
    } | undefined;
  } | undefined;
  /** agents: Pictures of how some frames should look, up to 64 (`edit.keyframes` in luma-agents 0.5.0). */
  edit_keyframes?: Array<{ url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string }> | undefined;
  /** agents: Where each of the pictures stands in the source's own frames: 0 or more, each once (luma-agents 0.5.0). */
  keyframe_indexes?: Array<number> | undefined;
  /** agents: A picture of how the first frame should look (`start_frame` in luma-agents 0.5.0). dream-machine: A picture of how the first frame should look (API). */
  first_frame?: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string } | {
    /** A public http(s) address: the server fetches it (guide: the API takes no uploads). */
    url: string;
  } | undefined;
  /** agents: `360p`, `540p`, `720p` or `1080p`; the server's default is `720p` (luma-agents 0.5.0). */
  resolution?: "360p" | "540p" | "720p" | "1080p" | (string & {}) | number | undefined;
  /** agents: How long: `5s`, the server's default, or `10s`, which takes neither `loop` nor a first or last picture (docs.agents.lumalabs.ai, 2026-11-20). */
  duration?: "5s" | "10s" | (string & {}) | number | undefined;
  /** agents: High dynamic range; a video's `resolution` must then be `720p` or `1080p`, and it cannot loop (docs.agents.lumalabs.ai, 2026-11-20). */
  hdr?: boolean | undefined;
  /** agents: The frames as EXR files too, in a ZIP; needs `hdr` (docs.agents.lumalabs.ai, 2026-11-20). */
  exr_export?: boolean | undefined;
  /** agents: A style of pictures (luma-agents 0.5.0). */
  style?: "auto" | "manga" | (string & {}) | undefined;
  /** agents: For pictures: whether to look things up (luma-agents 0.5.0). */
  web_search?: boolean | undefined;
  /** agents: File format of pictures (luma-agents 0.5.0). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** agents: Your own name for the user for whom it is made (luma-agents 0.5.0). */
  user_id?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "modify_video" | undefined;
  /** dream-machine: Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). */
  callback_url?: string | undefined;
}

/** A completed video in a higher resolution (API). */
export interface UpscaleVideoRequest {
  /** The resolution to reach (API). */
  resolution?: "540p" | "720p" | "1080p" | "4k" | (string & {}) | number | undefined;
  /** Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). */
  callback_url?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "upscale_video" | undefined;
}

/** Sound for a completed video (API). */
export interface AddAudioRequest {
  /** What should be heard (API). */
  prompt?: string | undefined;
  /** What should not be heard (API). */
  negative_prompt?: string | undefined;
  /** Where the server POSTs the generation when it is dreaming, completed or failed; sent up to 3 times, 100 ms apart, with 5 s for an answer, and unsigned: read the job again before you believe it (guide, callbacks). */
  callback_url?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "add_audio" | undefined;
}

/** A picture taken apart: 1 to 10 layers with transparency, front to back (luma-agents 0.5.0). */
export interface LayeringRequest {
  /** The picture (`source` in luma-agents 0.5.0). */
  media: { url: string } | { type: "generation"; id: string; media_type?: string | undefined } | { data: string; media_type: string } | { file_id: string };
  /** How to take it apart, in words: at most 500 Unicode characters (luma-agents 0.5.0). */
  prompt?: string | undefined;
  /** `uni-1` (filled in when left out), or a newer name (luma-agents 0.5.0). */
  model?: string | undefined;
  /** `1k` or `2k` (`layering.resolution` in luma-agents 0.5.0). */
  resolution?: "1k" | "2k" | (string & {}) | undefined;
  /** Width to height (luma-agents 0.5.0). */
  aspect_ratio?: "3:1" | "2:1" | "21:9" | "16:9" | "4:3" | "3:2" | "1:1" | "3:4" | "2:3" | "9:16" | "1:2" | "1:3" | (string & {}) | undefined;
  /** File format of pictures (luma-agents 0.5.0). */
  format?: "jpg" | "png" | (string & {}) | undefined;
  /** A style of pictures (luma-agents 0.5.0). */
  style?: "auto" | "manga" | (string & {}) | undefined;
  /** For pictures: whether to look things up (luma-agents 0.5.0). */
  web_search?: boolean | undefined;
  /** Your own name for the user for whom it is made (luma-agents 0.5.0). */
  user_id?: string | undefined;
  /** Says which form this is; left out, it follows from the model, else from the fields. */
  generation_type?: "layering" | undefined;
}

/** Everything that `generate` and `create` take. Fields that are newer than this package pass through. */
export type GenerationRequest = VideoRequest | ImageRequest | ReframeImageRequest | ReframeVideoRequest | ModifyVideoRequest | LayeringRequest;
