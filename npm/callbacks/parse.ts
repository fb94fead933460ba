// Reads what a provider POSTed to a callback. What is thrown here is plain data, as the wasm throws it: the client makes its one
// class of error of it.

import type { ErrorData } from "../common/error.js";
import { untilAborted } from "../common/until-aborted.js";
import type { Generation, ProviderId } from "../generated/types.js";
import type { CallbackOptions, ParsedCallback, PostedCallback } from "../types/callbacks.js";
import type { CallOptions } from "../types/options.js";
import { equal } from "./secret.js";

/** The client whose job it is. */
export interface CallbackClient {
  provider: ProviderId;
  /** Calls the WebAssembly: both give a generation. */
  run(method: "Callback" | "Get", subject: unknown, request?: undefined, options?: CallOptions): Promise<unknown>;
}

/** The header field in which PiAPI gives the secret back (piapi.ai docs, unified webhook, 2024-08). */
const SECRET = "x-webhook-secret";

/** A generation has a few kB. Anyone may post to a public address, so no more than this is read, in bytes. */
const MOST = 1_000_000;

export async function parseCallback(
  { provider, run }: CallbackClient,
  given: PostedCallback,
  { secret, trust, ...options }: CallbackOptions = {},
): Promise<ParsedCallback> {
  if (provider === "agents")
    throw { code: "unsupported", message: "agents sends no callbacks: wait with poll, or read the job with get" } satisfies ErrorData;
  if (secret !== undefined && !(await equal(secret, field(given?.headers, SECRET) ?? ""))) {
    throw {
      code: "authentication",
      message: `Callback rejected: its ${SECRET} does not match the secret that was given`,
      retryable: false,
      provider,
    } satisfies ErrorData;
  }
  const body = await untilAborted(options.signal, "the callback was read", () => bodyOf(given));
  const posted = (await run("Callback", body)) as Generation;
  const generation = trust ? posted : ((await run("Get", posted.id, undefined, options)) as Generation);
  const own = provider === "useapi" ? reference(posted.raw) : undefined;
  return { posted, generation, ...(own && { callback_ref: own }) };
}

/** What the caller gave as `callback_ref`: where a callback has it is not documented; the vendor's other services vary (2026-04-06). */
function reference({
  replyRef,
  request,
  response,
}: {
  replyRef?: unknown;
  request?: { replyRef?: unknown };
  response?: { replyRef?: unknown };
}): string | undefined {
  return [replyRef, request?.replyRef, response?.replyRef].find((own): own is string => typeof own === "string" && own !== "");
}

/** A header field, of headers in any form that servers use. */
function field(headers: PostedCallback["headers"], name: string): string | null | undefined {
  if (typeof headers?.get === "function") return headers.get(name);
  const [, value] = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name) ?? [];
  return value === undefined ? undefined : String(value);
}

/** JSON, in any form. */
async function bodyOf(posted: PostedCallback): Promise<unknown> {
  try {
    const body = await contentOf(posted);
    if (body === undefined || body === "") throw new Error("it has no body; a stream can be read once, so give the body that was read");
    return JSON.parse(typeof body === "string" ? body : JSON.stringify(body));
  } catch (cause) {
    throw {
      code: "protocol",
      message: `What was posted cannot be read as JSON: ${(cause as Error | undefined)?.message ?? cause}`,
      retryable: false,
      cause,
    } satisfies ErrorData;
  }
}

async function contentOf(
  posted: Partial<Record<"text" | "body" | "bodyUsed", unknown>> & Partial<AsyncIterable<Uint8Array | string>>,
): Promise<unknown> {
  const { body } = posted;
  // A Request's own stream: its `text` would read whatever is sent.
  if (posted.bodyUsed === false && body instanceof ReadableStream) {
    const reader = body.getReader();
    return textOf(() => reader.read());
  }
  if (typeof posted.text === "function") return limited(await posted.text());
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return limited(new TextDecoder().decode(body));
  if (body !== undefined || !posted[Symbol.asyncIterator]) return limited(body);
  // Not with `for await`: when that is left, Node ends the connection, and the server could not answer any more.
  const pieces = (posted as AsyncIterable<Uint8Array | string>)[Symbol.asyncIterator]();
  return textOf(() => pieces.next());
}

async function textOf(next: () => Promise<{ done?: boolean | undefined; value?: Uint8Array | string | undefined }>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value = "" } = await next();
    if (done) return text + decoder.decode();
    text += typeof value === "string" ? value : decoder.decode(value, { stream: true });
    limited(text);
  }
}

/** The same content, unless it is a text that is too long. */
function limited<T>(content: T): T {
  if (typeof content === "string" && content.length > MOST) throw new Error("it is larger than 1 MB");
  return content;
}
