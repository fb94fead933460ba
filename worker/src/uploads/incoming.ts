// The body of an upload: its first bytes, then the whole as a stream, within a size and a time.

import { HEAD } from "../bucket/types.js";
import { concat } from "../bytes.js";
import type { Settings } from "../env.js";
import { Refusal } from "../refusal.js";
import { MEGABYTE } from "../units.js";

export class Incoming {
  /** In bytes, as announced: a body of another length does not pass. */
  readonly size: number;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What was read to see the first bytes. */
  private readonly begun: Uint8Array[] = [];
  private readonly late: Promise<never>;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** @throws {Refusal} for one that is too large, or does not say how large it is */
  constructor(request: Request, { uploads: { largest }, bodyMs }: Settings) {
    const { headers, body } = request;
    if (headers.has("content-encoding")) throw new Refusal(415, "media_type", "The body must not be compressed.");
    const length = headers.get("content-length");
    if (length === null || !body) throw new Refusal(411, "bad_request", "A file needs a content-length.");
    this.size = Number(length);
    if (this.size > largest) throw new Refusal(413, "too_large", `The file is too large: ${largest} bytes are the most.`);
    this.reader = (body as ReadableStream<Uint8Array>).getReader();
    // As long for each megabyte as for a body in JSON, which has one at most.
    const within = bodyMs * Math.max(1, Math.ceil(this.size / MEGABYTE));
    this.late = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(new Refusal(400, "bad_request", "The file took too long to arrive.")), within);
    });
    this.late.catch(() => {}); // nobody may be waiting for it any more
  }

  async head(): Promise<Uint8Array> {
    for (let size = 0; size < HEAD; ) {
      const piece = await this.next();
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
    done.catch(() => {}); // told below
    try {
      for (const piece of this.begun) await writer.write(piece);
      for (let piece = await this.next(); piece; piece = await this.next()) await writer.write(piece);
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
    await done;
  }

  /** Whatever has not come by now is not waited for. */
  close(): void {
    clearTimeout(this.timer);
    this.reader.cancel().catch(() => {});
  }

  private async next(): Promise<Uint8Array | undefined> {
    try {
      return (await Promise.race([this.reader.read(), this.late])).value;
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(400, "bad_request", "The file broke off.", { cause: error });
    }
  }
}
