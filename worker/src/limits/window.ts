// Requests in any 60 s. In memory: unlike money and jobs they may be forgotten when the object starts anew.

const WINDOW = 60_000;

/** How many callers are remembered before those that have been idle are forgotten. */
const MOST = 10_000;

export class RequestWindow {
  private readonly times = new Map<string, number[]>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Counts a request against each limit, if it fits all of them; else how long until it does, in s. */
  enter(limits: readonly (readonly [name: string, perMinute: number | undefined])[]): number | undefined {
    const now = this.now();
    if (this.times.size > MOST) this.forgetIdle(now);
    const counted = limits.filter((entry): entry is [string, number] => entry[1] !== undefined);
    for (const [name, perMinute] of counted) {
      const times = this.recent(name, now);
      if (times.length >= perMinute) return Math.max(1, Math.ceil(((times[0] ?? now) + WINDOW - now) / 1000));
    }
    for (const [name] of counted) this.recent(name, now).push(now);
    return undefined;
  }

  private forgetIdle(now: number): void {
    for (const [name, times] of this.times) if ((times.at(-1) ?? 0) <= now - WINDOW) this.times.delete(name);
  }

  private recent(name: string, now: number): number[] {
    const times = (this.times.get(name) ?? []).filter((time) => time > now - WINDOW);
    this.times.set(name, times);
    return times;
  }
}
