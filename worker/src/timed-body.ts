// The body of a request, piece by piece, and no longer than it may take.

import { Refusal } from "./refusal.js";

export class TimedBody {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly late: Promise<never>;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * @param within how long all of it may take, in ms
   * @param name what a refusal calls it
   */
  constructor(
    body: ReadableStream,
    within: number,
    private readonly name: "body" | "file",
  ) {
    this.reader = (body as ReadableStream<Uint8Array>).getReader();
    this.late = new Promise((_, reject) => {
      this.timer = setTimeout(() => reject(new Refusal(400, "bad_request", `The ${name} took too long to arrive.`)), within);
    });
    this.late.catch(() => {}); // nothing may be waiting for it any more
  }

  /** The next piece; undefined at the end. @throws {Refusal} when it is late, or breaks off */
  async next(): Promise<Uint8Array | undefined> {
    try {
      return (await Promise.race([this.reader.read(), this.late])).value;
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(400, "bad_request", `The ${this.name} broke off.`, { cause: error });
    }
  }

  /** What has not arrived by now is not waited for. */
  close(): void {
    clearTimeout(this.timer);
    this.reader.cancel().catch(() => {});
  }
}
