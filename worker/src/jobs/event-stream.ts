// A subscriber by Server-Sent Events. Changes are read when it takes more, so a slow one costs nothing.

import { isFinal } from "./job.js";
import type { JobChange, Subscription } from "./subscription.js";

/** What may wait for its reader, in bytes, before no more is read for it. */
const HIGH_WATER_MARK = 64_000;
/** A comment: a sign of life. */
export const HEARTBEAT = ":\n\n";
const encoder = new TextEncoder();

export class EventStream {
  readonly caller: string;
  readonly body: ReadableStream<Uint8Array>;
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private next: (() => void) | undefined;

  constructor(
    private readonly subscription: Subscription,
    private readonly changes: () => JobChange[],
    private readonly onEnd: () => void,
  ) {
    this.caller = subscription.caller;
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => this.pull(),
        cancel: () => this.onEnd(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
    );
  }

  wake(): void {
    this.next?.();
  }

  write(text: string): void {
    this.controller.enqueue(encoder.encode(text));
  }

  /** None for a reader that has not taken the last ones. */
  heartbeat(): void {
    if ((this.controller.desiredSize ?? 0) > 0) this.write(HEARTBEAT);
  }

  /** The reader takes more: what there is, or what comes. */
  private async pull(): Promise<void> {
    let changes = this.changes();
    while (!changes.length) {
      await new Promise<void>((resolve) => {
        this.next = resolve;
      });
      changes = this.changes();
    }
    this.write(changes.map(({ seq, job }) => `id: ${seq}\nevent: job\ndata: ${JSON.stringify(job)}\n\n`).join(""));
    const { seq, job } = changes.at(-1) as JobChange;
    this.subscription.after = seq;
    if (this.subscription.id === undefined || !isFinal(job.state)) return;
    this.controller.close();
    this.onEnd();
  }
}
