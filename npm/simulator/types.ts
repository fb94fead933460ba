// What users see of the simulator: its options, its methods, what they give.

/** What {@link createSimulator} takes. One that is not known is refused. */
export interface SimulatorOptions {
  /**
   * How time passes.
   * - a number: real time, so many times as fast; 1 when left out;
   * - `"manual"`: it stands still until {@link Simulator.advance} moves it;
   * - `"auto"`: it jumps to the next timer whenever everything waits. A client that was given
   *   {@link Simulator.clock} finishes a generation of a minute in a few ms, and each run is the same.
   */
  clock?: "manual" | "auto" | number | undefined;
  /** When simulator time starts: now, or 2026-01-01 when the clock is virtual, so that each run is the same. */
  start?: Date | number | undefined;
  /** Sends a callback, called as `fetch` is; the global `fetch` by default. A receiver has 5 s of real time. */
  deliver?:
    | ((url: string, init: { method: "POST"; headers: Record<string, string>; body: string; signal: AbortSignal }) => Promise<Response>)
    | undefined;
  /** The same seed and the same calls at the same times give the same answers: ids, durations, faults by chance. 1 by default. */
  seed?: number | undefined;
  /**
   * What decides about a request.
   * - `"documented"` (the default): Luma's guide, with its rules and its messages;
   * - `"schema"`: only what the OpenAPI file says: types, required fields, closed lists of values. Ids need not exist.
   */
  validation?: "documented" | "schema" | undefined;
  /**
   * Which calls go wrong and how: text such as `"create:cut-after@2, get:500%10"`, one fault, or a list of both.
   * The first that strikes a call decides.
   */
  faults?: string | Fault | (string | Fault)[] | undefined;
  /** How much may be made at once and in a minute: Luma's Build tier (the default), nothing at all, or numbers. */
  limits?: "build" | "none" | { video?: Limit | null | undefined; image?: Limit | null | undefined } | undefined;
  /** The keys that are good; any key but the empty one when left out. */
  apiKeys?: string[] | undefined;
  /** The balance to begin with, in US cents; 100 000 by default. */
  credits?: number | undefined;
  /** Ms until an ordinary answer; 50 by default. */
  latency?: number | undefined;
  /** For how many ms a new job is not in the list yet, as if the list were read from a copy; 0 by default. */
  listLag?: number | undefined;
  /** For how many ms a file that Agents has whole is `pending`; 0 by default. */
  fileLag?: number | undefined;
  /**
   * Exactly how many ms a job takes, in place of a plausible time: for all jobs, or by model, by operation or by kind,
   * the first of these that is there.
   */
  durations?: number | Partial<Record<TimedBy, number>> | undefined;
  /**
   * How many ms a link to a file is good for; when left out as its provider documents: an hour at Agents, else for ever.
   * Another read of the generation gives a new link.
   */
  assetTtl?: number | undefined;
  /** Where links to files point, without an API's path: the address at which `fetch` is served, if it is. */
  baseUrl?: string | undefined;
}

/** What may have a duration of its own. */
export type TimedBy =
  | "ray-1-6"
  | "ray-2"
  | "ray-flash-2"
  | "photon-1"
  | "photon-flash-1"
  | "ray-v3"
  | "ray-v3-flash"
  | "ray-v3-reasoning"
  | "photon-v2"
  | "image-v2"
  | "ray-v1"
  | "ray-v2"
  | "video_generation"
  | "extend_video"
  | "reframe_image"
  | "reframe_video"
  | "modify_video"
  | "upscale_video"
  | "add_audio"
  | "uni-1"
  | "uni-1-max"
  | "ray-3.2"
  | "image_edit"
  | "video_edit"
  | "video_reframe"
  | "layering"
  | "video"
  | "image";

/** The limit of one kind of job; what is left out is without one. */
export interface Limit {
  /** How many may be unfinished at once. */
  concurrent?: number;
  /** How many may be created in any 60 s. */
  perMinute?: number;
}

/**
 * One thing that goes wrong. As text: `on:kind[=value][when][xTimes]`, where `when` is `@2` (the second such call), `@2+5`,
 * `/3` (each third) or `%10` (one in ten).
 */
export interface Fault {
  /**
   * The calls it concerns: `any` (the default), `create` (all that make a job), one route by its name, or a method and a
   * path in which `*` stands for anything, such as `"POST *\/generations/*"`.
   */
  on?: Route | "any" | "create" | (string & {});
  /** What happens: see {@link FaultKind}. */
  kind: FaultKind;
  /** Which of these calls, counted from 1. */
  at?: number | number[];
  /** Each so many of these calls. */
  every?: number;
  /** How likely at each of these calls, from 0 to 1. */
  probability?: number;
  /** How often at most. */
  times?: number;
  /** With a status: `retry-after`, in s. */
  retryAfter?: number;
  /** With `slow`: so many ms later; 30 000 by default. With `late`: so many ms until the work is done; 5 000 by default. */
  delay?: number;
  /** With `html`: the status; 200 by default. With `wrapped`: the status within; 500 by default. */
  status?: number;
}

/**
 * | kind | what the caller sees | the work was done |
 * | --- | --- | --- |
 * | `refused` | no connection: the call never arrives | no |
 * | `cut` | the connection is closed without an answer | no, with `-after` yes |
 * | `late` | the same | yes, some time after the caller gave up |
 * | `silence` | no answer, ever | no, with `-after` yes |
 * | `slow` | the answer, later | yes |
 * | `429`, `503`, any status from 400 to 599 | that status, with an error as the API writes them | no, with `-after` yes |
 * | `concurrent` | 429, as when as many jobs run as may | no |
 * | `wrapped` | 200 with an error in the body, as PiAPI may send one | no, with `-after` yes |
 * | `html` | an HTML page, as a portal or a gateway shows | no, with `-after` yes |
 * | `truncated` | half of the answer, then the connection is cut | yes |
 * | `empty` | the right status without a body | yes |
 */
export type FaultKind =
  | "refused"
  | "cut"
  | "cut-after"
  | "late"
  | "silence"
  | "silence-after"
  | "slow"
  | "html"
  | "html-after"
  | "truncated"
  | "empty"
  | "concurrent"
  | "wrapped"
  | "wrapped-after"
  | number
  | `${number}`
  | `${number}-after`;

/** The kinds of calls. */
export type Route =
  | "video"
  | "image"
  | "reframe-image"
  | "reframe-video"
  | "modify"
  | "upscale"
  | "audio"
  | "get"
  | "list"
  | "delete"
  | "concepts"
  | "camera-motions"
  | "credits"
  | "ping"
  | "asset"
  | "useapi-accounts"
  | "useapi-add-account"
  | "useapi-account"
  | "useapi-remove-account"
  | "useapi-asset"
  | "useapi-video"
  | "useapi-image"
  | "useapi-jobs"
  | "useapi-job"
  | "piapi-create"
  | "piapi-get"
  | "piapi-cancel"
  | "piapi-histories"
  | "piapi-account"
  | "piapi-active"
  | "piapi-upload"
  | "agents-create"
  | "agents-get"
  | "agents-upload"
  | "agents-put"
  | "agents-complete"
  | "agents-files"
  | "agents-file"
  | "agents-remove-file";

/** A provider in memory. Its functions are bound. */
export interface Simulator {
  /**
   * Answers as the global `fetch` would, whatever the host in the URL: everything is meant for the simulator. Also serves
   * as the `fetch` of a Worker and as the handler of a Service Worker.
   */
  fetch(input: Request | string | URL, init?: RequestInit, context?: unknown): Promise<Response>;
  /** Simulator time, in ms since 1970. */
  now(): number;
  /**
   * Moves time on. On a manual clock waiters wake in order, and what follows from it happens before the next;
   * real time skips ahead.
   */
  advance(ms: number): Promise<void>;
  /** Simulator time for a client, as its `clock` option. */
  clock: {
    /** Simulator time, in ms since 1970. */
    now(): number;
    /** Waits for so many ms of simulator time; rejects with the signal's reason when it is aborted. */
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
    /** On a virtual clock: keeps the time where it is while a client loads, stores or hashes something. */
    hold?<T>(work: Promise<T>, foreign?: boolean): Promise<T>;
  };
  /** All it holds, as the provider's own generation objects, the oldest first; also those whose answer was lost on the way. */
  generations(): Promise<SimulatedGeneration[]>;
  /** What happened so far. */
  stats(): Promise<Stats>;
  /** What arrived, the oldest first: the last 10 000 requests. */
  requests(): Promise<ReceivedRequest[]>;
  /** Ends it: pending requests get no answer, and callbacks that were planned are not sent. */
  close(): void;
}

/** A Dream Machine generation as the API returns it. */
export interface SimulatedGeneration {
  id: string;
  generation_type: "video" | "image";
  state: "queued" | "dreaming" | "completed" | "failed";
  failure_reason: string | null;
  /** With microseconds and a Z. */
  created_at: string;
  assets: { video: string | null; image: string | null; progress_video: string | null } | null;
  model: string;
  /** The request as it was understood: defaults filled in, absent fields null. */
  request: Record<string, unknown>;
}

/** A number for each kind of job. */
export interface ByKind {
  video: number;
  image: number;
}

/** What happened so far. */
export interface Stats {
  /** Simulator time, in ms since 1970. */
  now: number;
  /** Requests that arrived, by {@link Route}, `preflight` or `unknown`. */
  requests: Record<string, number>;
  /** Answers, by status; those that a fault made up are among them. */
  statuses: Record<string, number>;
  /** Faults that struck, as they were written. */
  faults: Record<string, number>;
  /** Jobs that were made. */
  created: ByKind;
  /** Creations that were refused for a limit. */
  limited: { concurrent: number; perMinute: number };
  /** Jobs that are unfinished. */
  running: ByKind;
  /** The most that were unfinished at once. */
  maxRunning: ByKind;
  /** The account, in US cents. */
  credits: { balance: number; charged: number; refunded: number };
  /** Callbacks: POSTs with retries, updates that were answered with 200, updates that no try delivered. */
  callbacks: { sent: number; delivered: number; givenUp: number };
  /** How often a file was asked for, or sent to where it is stored, with an `authorization` field: a key sent where it must not go. */
  keyLeaks: number;
}

/** One request that arrived. */
export interface ReceivedRequest {
  /** Simulator time, in ms since 1970. */
  at: number;
  method: string;
  /** The path with its query. */
  path: string;
  /** Its {@link Route}, `preflight` or `unknown`. */
  route: string;
  /** The names of its header fields; values are not kept, for they may be keys. */
  headers: string[];
  /** Its body, if it is text and holds no secret. */
  body: string | null;
  /** The status of the answer; null when there was none. */
  status: number | null;
  /** The fault that struck it, as it was written. */
  fault: string | null;
}
