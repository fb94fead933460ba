// Server-Sent Events, read as the HTML standard says (html.spec.whatwg.org, 9.2.6), over fetch: an EventSource sends no token.

import { LumaError } from "../common/error.js";
import { type Connection, parsed, type Server, TRIES } from "./server.js";
import type { Job } from "./types.js";

/** A connection that lasted so long, in ms, was a good one. */
const GOOD = 10_000;

/**
 * Every change that the server reports. A connection that ends is followed by another, which begins with what changed meanwhile.
 * `"begun"`: this one begins with what changes from now on.
 * @throws {LumaError} for a refusal, and where the first connection does not come about
 */
export async function* changes(server: Server, path: string, signal: AbortSignal | undefined): AsyncGenerator<Job | "begun", void> {
  let last = "";
  let connected = false;
  for (let tries = 1; ; tries++) {
    const since = server.clock.now();
    let lost: LumaError | undefined;
    try {
      const headers = { accept: "text/event-stream", ...(last && { "last-event-id": last }) };
      const connection = await server.open({ path, headers }, signal);
      try {
        checkType(connection, path);
        connected = true;
        for await (const { id, event, data } of messagesOf(connection.pieces())) {
          // With an id, the next connection goes on where this one ends. Without one all jobs have to be read again.
          const begins = !last;
          last = id ?? last;
          if (begins) yield "begun";
          if (event !== "job") continue;
          tries = 0;
          yield parsed<Job>(data);
        }
      } finally {
        connection.close();
      }
    } catch (thrown) {
      lost = thrown as LumaError;
      // Something between may answer for a while in the server's place.
      const passes = lost.retryable || (connected && lost.code === "protocol");
      if (!passes || (!connected && tries >= TRIES)) throw lost;
    }
    if (server.clock.now() - since > GOOD) tries = 0;
    await server.pause(Math.max(1, tries), lost, signal);
  }
}

function checkType({ response }: Connection, path: string): void {
  if (/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) return;
  throw new LumaError({ code: "protocol", message: `GET ${path} was answered with no stream of events: check baseUrl and any proxy` });
}

export interface Message {
  /** The last one received, with this message or one before. */
  id?: string;
  /** `message` where it has no name. */
  event: string;
  data: string;
}

/** The messages of a stream; also those that are no more than an id. */
export async function* messagesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Message, void> {
  let fields: Partial<Message> = {};
  for await (const line of linesOf(pieces)) {
    if (!line) {
      const { id, event = "message", data } = fields;
      if (data !== undefined || id !== undefined)
        yield { event: data === undefined ? "" : event, data: data ?? "", ...(id !== undefined && { id }) };
      fields = {};
      continue;
    }
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
    else if (name === "event") fields.event = value || "message";
    else if (name === "id" && !value.includes("\0")) fields.id = value;
  }
}

/** Lines end with CR, LF or both, wherever the pieces are cut. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(); // takes a byte order mark away
  let held = "";
  let endsWithCr = false;
  for await (const piece of pieces) {
    const text = decoder.decode(piece, { stream: true });
    if (!text) continue;
    // A CR has ended its line already; an LF behind it is its second half.
    held += endsWithCr && text.startsWith("\n") ? text.slice(1) : text;
    endsWithCr = text.endsWith("\r");
    const lines = held.split(/\r\n|\n|\r/);
    held = lines.pop() ?? "";
    yield* lines;
  }
}
