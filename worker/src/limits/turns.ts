// Waiting until another creation is settled.

export class Turns {
  private waiting: (() => void)[] = [];

  /** Settles with the next turn that is over, or after so long. */
  next(within: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Wakes all that wait: each looks again whether it may go on. */
  over(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}
