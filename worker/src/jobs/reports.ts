// Reports what comes as soon as it comes: what comes while a report is under way goes with the next one.

export class Reports<T> {
  private waiting: T[] = [];
  private running: Promise<void> | undefined;

  /** @param report takes what has come since the last one. When one fails, no more are made. */
  constructor(private readonly report: (some: readonly T[]) => Promise<void>) {}

  add(one: T): void {
    this.waiting.push(one);
    if (this.running) return;
    this.running = this.run();
    this.running.catch(() => {}); // thrown by `done`
  }

  /** Resolves when all is reported. */
  async done(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    await null; // a list tells of many at once
    while (this.waiting.length) await this.report(this.waiting.splice(0));
    this.running = undefined;
  }
}
