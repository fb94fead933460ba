// A condition variable: waits until something may have changed.

export class Condition {
  private waiting: (() => void)[] = [];

  /** Settles with the next `notifyAll`, or after so many ms. Whether it may go on is for the caller to check. */
  wait(atMost: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, atMost);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  notifyAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}
