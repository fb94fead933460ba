// An object's storage and alarm, in memory: what Account and Creation use of a Durable Object's.

/** A timer cannot wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class MemoryStorage {
  /** Whether everything was deleted, and nothing was written since. */
  isForgotten = false;
  private readonly entries = new Map<string, unknown>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly onAlarm: () => void) {}

  async get(name: string): Promise<unknown> {
    return structuredClone(this.entries.get(name));
  }

  async put(name: string, value: unknown): Promise<void> {
    this.isForgotten = false;
    this.entries.set(name, structuredClone(value));
  }

  async delete(name: string): Promise<boolean> {
    return this.entries.delete(name);
  }

  async deleteAll(): Promise<void> {
    this.entries.clear();
    this.isForgotten = true;
  }

  async list({ prefix = "", startAfter = "", limit = Infinity }): Promise<Map<string, unknown>> {
    const names = [...this.entries.keys()].filter((name) => name.startsWith(prefix) && name > startAfter).sort();
    return new Map(names.slice(0, limit).map((name) => [name, structuredClone(this.entries.get(name))]));
  }

  /** Nothing comes between the steps of `change`, which does not wait. */
  transactionSync<T>(change: () => T): T {
    return change();
  }

  async setAlarm(at: number): Promise<void> {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.onAlarm, Math.min(LONGEST_TIMER, Math.max(0, at - Date.now())));
    // A process that has nothing else to do may end.
    (this.timer as unknown as { unref?(): void }).unref?.();
  }

  async deleteAlarm(): Promise<void> {
    clearTimeout(this.timer);
  }
}
