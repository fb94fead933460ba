// The body of an upload: its first bytes, then the whole as a stream, within a size and a time.

import { HEAD } from "../bucket/types.js";
import { concat } from "../bytes.js";
import type { Settings } from "../env.js";
import { Refusal } from "../refusal.js";
import { TimedBody } from "../timed-body.js";
import { MEGABYTE } from "../units.js";

export class Incoming {
  /** In bytes, as announced: a body of another length does not pass. */
  readonly size: number;
  private readonly body: TimedBody;
  /** What was read to see the first bytes. */
  private readonly begun: Uint8Array[] = [];

  /** @throws {Refusal} for one that is too large, or does not say how large it is */
  constructor(request: Request, { uploads: { largest }, bodyMs }: Settings) {
    const { headers, body } = request;
    if (headers.has("content-encoding")) throw new Refusal(415, "media_type", "The body must not be compressed.");
    const length = headers.get("content-length");
    if (length === null || !body) throw new Refusal(411, "bad_request", "A file needs a content-length.");
    this.size = Number(length);
    if (this.size > largest) throw new Refusal(413, "too_large", `The file is too large: ${largest} bytes are the most.`);
    // As long for each megabyte as for a body in JSON, which has one at most.
    this.body = new TimedBody(body as ReadableStream, bodyMs * Math.max(1, Math.ceil(this.size / MEGABYTE)), "file");
  }

  async head(): Promise<Uint8Array> {
    for (let size = 0; size < HEAD; ) {
      const piece = await this.body.next();
      if (!piece) break;
      this.begun.push(piece);
      size += piece.length;
    }
    return concat(this.begun);
  }

  /** Sends all of it through. */
  async into(put: (body: ReadableStream) => Promise<unknown>): Promise<void> {
    const { readable, writable } = new FixedLengthStream(this.size);
    const writer = writable.getWriter();
    const done = put(readable);
    done.catch(() => {}); // reported below
    try {
      for (const piece of this.begun) await writer.write(piece);
      for (let piece = await this.body.next(); piece; piece = await this.body.next()) await writer.write(piece);
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
    await done;
  }

  close(): void {
    this.body.close();
  }
}
