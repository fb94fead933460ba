// The Worker as this client asks it: with the caller's token, and with an error that says what went wrong and shows no token.

import { wrongBaseUrl } from "../client/base-url.js";
import type { Clock } from "../common/clock.js";
import { failedRequest, LumaError, reasonOf } from "../common/error.js";
import { untilAborted } from "../common/until-aborted.js";
import { invalidOption, refusalOf, retryAfterOf } from "./errors.js";
import { realClock, untilOnline } from "./time.js";
import type { JobsClientOptions } from "./types.js";

const SECOND = 1000;

/** How long an answer, or the next piece of one, is waited for: a connection may be gone without a word, as a phone's that changes networks. The Worker's streams are never silent for so long. */
const SILENCE = 40 * SECOND;
/** The same while requests are submitted, which may be 10 MB. */
const HANDING_OVER = 120 * SECOND;

/** Pauses between tries: twice as long each time, and less by a part that is drawn, so that not all pages come at once after a deploy. */
const PAUSE = { first: 500, most: 30 * SECOND };
/** How often a call is tried. */
export const TRIES = 6;
/** The longest that a server is obeyed when it asks to wait. */
const LONGEST_WAIT = 120 * SECOND;

const TOKEN = /^[\x21-\x7e]+$/;

export interface Ask {
  method?: "GET" | "POST" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Called as soon as the server may have it. */
  onSend?: () => void;
}

/** An answer that has begun. */
export interface Connection {
  response: Response;
  /** Its body, piece by piece. */
  pieces(): AsyncGenerator<Uint8Array, void>;
  /** Ends it, at any point. */
  close(): void;
}

export class Server {
  readonly clock: Clock;
  private readonly base: string;
  private readonly token: () => string | undefined | Promise<string>;
  private readonly headers: [string, string][];
  private readonly fetch: NonNullable<JobsClientOptions["fetch"]>;

  /** @throws {LumaError} for options that nothing can be sent with */
  constructor({ baseUrl = "/", token, headers = {}, fetch, clock = realClock }: JobsClientOptions) {
    const wrong = wrongBaseUrl(baseUrl, !fetch);
    if (wrong) throw invalidOption("createJobsClient", "baseUrl", wrong);
    this.base = baseUrl.replace(/\/+$/, "");
    if (typeof token !== "function") checkToken(token);
    this.token = typeof token === "function" ? token : () => token;
    this.headers = Object.entries(headers);
    for (const header of this.headers) checkHeader(header);
    this.fetch = fetch ?? ((input, init) => globalThis.fetch(input, init)); // looked up at each call
    this.clock = clock;
  }

  /** Sends once. @throws {LumaError} unless an answer comes */
  async open({ method = "GET", path, headers, body, onSend }: Ask, signal: AbortSignal | undefined): Promise<Connection> {
    const what = `${method} ${path.replace(/\?.*/, "")}`;
    const line = lifeline(this.clock, signal, method === "POST" ? HANDING_OVER : SILENCE);
    const { fetch } = this; // called without a receiver: a page's own is an "Illegal invocation" with another
    let token: string | undefined;
    let step = "The token option";
    /** How a failure is reported. */
    const failure = (thrown: unknown): LumaError => {
      line.close();
      if (signal?.aborted) return aborted(signal, `${what} was under way`);
      if (thrown instanceof LumaError) return thrown;
      if (line.silent()) return new LumaError({ code: "timeout", message: `${step} had no answer in time`, retryable: true });
      const reason = token ? reasonOf(thrown).replaceAll(token, "[token]") : reasonOf(thrown);
      const words = failedRequest(reason);
      const advice = step === what && words === reason ? " (check baseUrl, the network and the server)" : "";
      return new LumaError({ code: "network", message: `${step} failed: ${words}${advice}`, retryable: true });
    };
    /** Ends with the line, even if the caller's `fetch` ignores the signal. */
    const within = <T>(work: () => Promise<T>) => untilAborted(line.signal, what, work);
    try {
      token = checkToken(await within(async () => this.token()));
      const sent: Record<string, string> = Object.fromEntries(this.headers);
      if (token !== undefined) sent.authorization = `Bearer ${token}`;
      const init: RequestInit = { method, headers: { ...sent, ...headers }, redirect: "manual", signal: line.signal };
      step = what;
      onSend?.();
      const response = await within(() => fetch(this.base + path, body === undefined ? init : { ...init, body }));
      line.heard();
      if (!response.ok) throw await within(() => refusalOf(response, what));
      return { response, pieces: () => pieces(response, within, line.heard, failure), close: line.close };
    } catch (thrown) {
      throw failure(thrown);
    }
  }

  /** Sends once, and gives the JSON that comes. @throws {LumaError} */
  async json<T>(ask: Ask, signal: AbortSignal | undefined): Promise<T> {
    const connection = await this.open(ask, signal);
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const piece of connection.pieces()) text += decoder.decode(piece, { stream: true });
    } finally {
      connection.close();
    }
    return parsed<T>(text + decoder.decode());
  }

  /** Does what may be done again, until it succeeds, is refused, or was tried often enough. @throws {LumaError} */
  async patiently<T>(signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (signal?.aborted) throw aborted(signal, "waiting for the server");
      try {
        return await task();
      } catch (thrown) {
        const error = thrown as LumaError;
        if (!error.retryable || tries === TRIES) throw error;
        await this.pause(tries, error, signal);
      }
    }
  }

  /** A read, which may be done again. @throws {LumaError} */
  read<T>(ask: Ask, signal: AbortSignal | undefined): Promise<T> {
    return this.patiently(signal, () => this.json<T>(ask, signal));
  }

  /** Before another try, after so many: also until the machine is online again. Ends early with the signal. */
  async pause(tries: number, error: LumaError | undefined, signal: AbortSignal | undefined): Promise<void> {
    const own = Math.min(PAUSE.most, PAUSE.first * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
    const asked = error ? Math.min(LONGEST_WAIT, retryAfterOf(error)) : 0;
    try {
      await this.clock.sleep(Math.max(own, asked), signal);
    } catch (thrown) {
      // A clock may reject a sleep that its signal ends, as the simulator's does.
      if (signal?.aborted) throw aborted(signal, "waiting for the server");
      throw thrown;
    }
    await untilOnline(signal);
  }
}

/** A job, a page or an event as it came. @throws {LumaError} */
export function parsed<T>(text: string): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new LumaError({
      code: "protocol",
      message: "The server answered with something else than JSON: check baseUrl and any proxy",
    });
  }
}

export function aborted(signal: AbortSignal, doing: string, creation?: LumaError["creation"]): LumaError {
  return new LumaError({ code: "aborted", message: `Aborted while ${doing}`, cause: signal.reason, ...(creation && { creation }) });
}

async function* pieces(
  { body }: Response,
  within: <T>(work: () => Promise<T>) => Promise<T>,
  heard: () => void,
  failure: (thrown: unknown) => LumaError,
): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await within(async () => reader?.read())) ?? { done: true };
      if (done) return;
      heard();
      yield value as Uint8Array;
    }
  } catch (thrown) {
    throw failure(thrown);
  }
}

/** A signal that fires with the caller's, and once nothing was heard for so long. */
function lifeline(clock: Clock, signal: AbortSignal | undefined, patience: number) {
  const end = new AbortController();
  const abort = () => end.abort();
  let quiet = true;
  let silent = false;
  const close = () => {
    signal?.removeEventListener("abort", abort);
    abort();
  };
  const listen = async () => {
    while (!end.signal.aborted) {
      quiet = true;
      await clock.sleep(patience, end.signal);
      if (end.signal.aborted || !quiet) continue;
      silent = true;
      close();
    }
  };
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  // The same clocks reject this one.
  listen().catch(() => {});
  const heard = () => {
    quiet = false;
  };
  return { signal: end.signal, silent: () => silent, heard, close };
}

/** What a runtime says of a header field that it does not take repeats the field. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || (typeof token === "string" && TOKEN.test(token))) return token;
  throw invalidOption("createJobsClient", "token", "must be a text of letters, digits and signs, without blanks or line ends");
}

function checkHeader([name, value]: [string, string]): void {
  try {
    new Headers([[name, value]]);
  } catch {
    throw invalidOption("createJobsClient", `headers.${name}`, "is no header field that can be sent");
  }
}
