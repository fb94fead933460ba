// How much is sent to a provider. After a failure it gets nothing for a time, which is longer the more often, and then fewer at once, until it
// takes them.

import type { ProviderId } from "luma-edge";
import { backoff } from "./schedule.js";

type Hold = { provider: ProviderId; until: number; failures: number; window: number };

/** How many creations may be on their way to a provider. What is on its way to agents when this server crashes is lost. */
const widest = (provider: ProviderId): number => (provider === "agents" ? 4 : 32);

/** What holds all providers. */
const ALL = "";

export class Throttle {
  constructor(private readonly sql: SqlStorage) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS holds (
        provider TEXT PRIMARY KEY, until INTEGER NOT NULL, failures INTEGER NOT NULL, window INTEGER NOT NULL) WITHOUT ROWID`);
  }

  /** Whether a provider takes one more creation, with so many on their way. */
  takesOneMore(provider: ProviderId, sending: number, now: number): boolean {
    if ((this.holdOf(ALL)?.until ?? 0) > now) return false;
    const hold = this.holdOf(provider);
    return sending < (hold?.window ?? widest(provider)) && (hold?.until ?? 0) <= now;
  }

  /**
   * A provider did not take a creation. What was on its way together counts once.
   * @param after how long it asks to be left alone, in ms
   * @param isLost whether what it got may be lost: then it gets one at a time
   */
  backOff(provider: ProviderId, now: number, after = 0, isLost = false): void {
    const { failures = 0, until = 0, window = widest(provider) } = this.holdOf(provider) ?? {};
    const isHeld = until > now;
    const pause = isHeld || (after && !failures) ? after : Math.max(after, backoff(failures));
    const narrower = isHeld ? window : Math.floor(window / 2);
    const next = [Math.max(until, now + pause), isHeld ? failures : failures + 1, isLost ? 1 : Math.max(1, narrower)];
    this.sql.exec("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?)", provider, ...next);
  }

  /** A provider took a creation. */
  accepted(provider: ProviderId, now: number): void {
    const hold = this.holdOf(provider);
    if (!hold) return;
    if (hold.until <= now && hold.window + 1 >= widest(provider)) this.sql.exec("DELETE FROM holds WHERE provider = ?", provider);
    else this.sql.exec("UPDATE holds SET failures = 0, window = window + 1 WHERE provider = ?", provider);
  }

  /** All callers together have reached a limit. */
  holdAll(until: number): void {
    this.sql.exec("INSERT OR REPLACE INTO holds VALUES (?, ?, 0, 0)", ALL, until);
  }

  /** When the next provider is let go; undefined where none is held. */
  nextRelease(now: number): number | undefined {
    return this.sql.exec<{ at: number | null }>("SELECT min(until) AS at FROM holds WHERE until > ?", now).one().at ?? undefined;
  }

  private holdOf(provider: ProviderId | typeof ALL): Hold | undefined {
    return this.sql.exec<Hold>("SELECT * FROM holds WHERE provider = ?", provider).toArray()[0];
  }
}
