// How many bytes callers hand over in a day of UTC. As with money, every method runs to its end without a wait.

import type { RefusalData } from "../refusal.js";
import { DAY, MEGABYTE } from "../units.js";
import type { Limits } from "./limits.js";
import { periods } from "./money.js";

/** `''` is all callers together. */
const ALL = "";

export interface Taken {
  day: string;
  /** What forbids it: then nothing was taken. */
  refusal?: RefusalData;
}

export class UploadQuota {
  constructor(
    private readonly sql: SqlStorage,
    private readonly now: () => number = Date.now,
  ) {
    sql.exec(`
      CREATE TABLE IF NOT EXISTS uploaded (day TEXT, caller TEXT, bytes INTEGER NOT NULL, PRIMARY KEY (day, caller)) WITHOUT ROWID`);
  }

  /** Takes so many bytes out of the day's quota. */
  take(caller: string, bytes: number, limits: Limits, total: Limits): Taken {
    const now = this.now();
    const { day } = periods(now);
    this.sql.exec("DELETE FROM uploaded WHERE day < ?", periods(now - DAY).day);
    for (const [who, { uploadMegabytesPerDay: limit }, whose] of [
      [caller, limits, "this caller"],
      [ALL, total, "this server"],
    ] as const) {
      if (limit !== undefined && this.taken(day, who) + bytes > limit * MEGABYTE) {
        const message = `Too many uploads: ${whose} may have ${limit} MB of them a day.`;
        return { day, refusal: { status: 429, code: "limit", message, retryAfter: Math.ceil((DAY - (now % DAY)) / 1000) } };
      }
    }
    this.add(day, caller, bytes);
    return { day };
  }

  /** Of an upload that did not come: back into the day that it was taken from. */
  giveBack(caller: string, bytes: number, day: string): void {
    this.add(day, caller, -bytes);
  }

  private taken(day: string, who: string): number {
    const [row] = this.sql.exec<{ bytes: number }>("SELECT bytes FROM uploaded WHERE day = ? AND caller = ?", day, who).toArray();
    return row?.bytes ?? 0;
  }

  private add(day: string, caller: string, bytes: number): void {
    for (const who of [caller, ALL]) {
      const query = "INSERT INTO uploaded VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes";
      this.sql.exec(query, day, who, bytes);
    }
  }
}
