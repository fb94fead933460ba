// Jobs as they change: what they are now, then every change, until those that are watched have ended.

import { isFinal } from "./errors.js";
import { changes } from "./events.js";
import { pageOf, read } from "./reads.js";
import type { Server } from "./server.js";
import type { Job } from "./types.js";

/** The most that a page has. */
const PAGE = 100;

/** @param ids all that there are, without it */
export async function* watch(
  server: Server,
  ids: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Job, void> {
  const running = ids && new Set(ids);
  if (running?.size === 0) return;
  const [only] = running?.size === 1 ? running : [];
  const isNews = newest();
  for await (const change of changes(server, only ? `/jobs/${only}/events` : "/jobs/events", signal)) {
    for await (const job of change === "begun" ? present(server, running, only, signal) : [change]) {
      if ((running && !running.has(job.id)) || !isNews(job)) continue;
      yield job;
      if (!isFinal(job.state) || !running) continue;
      running.delete(job.id);
      if (!running.size) return;
    }
  }
}

/** What they are, read once it is sure that no change is missed. A stream of one job says it by itself. */
async function* present(
  server: Server,
  ids: ReadonlySet<string> | undefined,
  only: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Job, void> {
  if (only) return;
  const missing = new Set(ids);
  let cursor: string | undefined;
  // Jobs that were submitted just now are on the first pages; the others are read one by one.
  for (let pages = Math.max(1, Math.ceil(missing.size / PAGE)); pages > 0; pages--) {
    const page = await pageOf(server, { limit: PAGE, cursor, signal });
    for (const job of ids ? page.jobs : page.jobs.reverse()) if (missing.delete(job.id) || !ids) yield job;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  for (const id of missing) yield await read(server, id, signal);
}

/** Of so many jobs it is remembered what was reported last: a read is ahead of events by a few at most. */
const REMEMBERED = 10_000;

/** Whether a job is reported for the first time: a read may be ahead of a later event. Its end is news whatever time it has: a clock may be set back. */
function newest(): (job: Job) => boolean {
  const known = new Map<string, Pick<Job, "updated_at" | "state">>();
  return ({ id, updated_at, state }) => {
    const before = known.get(id);
    const isOlder = !!before && (updated_at < before.updated_at || (updated_at === before.updated_at && state === before.state));
    if (isOlder && (isFinal(before.state) || !isFinal(state))) return false;
    known.delete(id); // to be the last
    known.set(id, { updated_at, state });
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return true;
  };
}
