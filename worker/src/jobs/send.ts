// Sends a job through a creation object of its own, and draws the conclusions.

import type { Generation } from "luma-edge";
import { addressOf } from "../callbacks/address.js";
import { creationOfJob } from "../creation/key.js";
import type { Failure, Order, Outcome } from "../creation/order.js";
import { secretsOf, settingsOf } from "../env.js";
import type { Limits } from "../limits/limits.js";
import { report } from "../limits/report.js";
import { log, reason } from "../log.js";
import type { Desk } from "./desk.js";
import { limitsOf } from "./dispatch.js";
import { backoff, HELD, LATEST_RESEND, PATIENCE, pollPause, SETTLING, SOUGHT_PAUSE } from "./schedule.js";
import { type Row, stored } from "./store.js";
import { type Verdict, verdictOn } from "./verdict.js";

/** Of a caller that is no longer in the settings: what was cut off on its way is settled, and nothing new is sent. */
const GONE: Limits = { jobsAtOnce: 0 };

/** May be done again after whatever cut it off: the creation object sends once. */
export async function send(desk: Desk, row: Row): Promise<void> {
  const { env, jobs } = desk;
  if (row.sent !== null && row.sent < Date.now() - LATEST_RESEND) {
    const message = "This server lost sight of the creation for days: it may have been made.";
    ended(desk, row, "unknown", { code: "unknown_outcome", message });
    return;
  }
  let outcome: Outcome;
  try {
    outcome = await creationOfJob(env, row.id).create(await orderOf(desk, row));
  } catch (error) {
    // It may have been sent: it is asked again.
    log({ event: "creation_unreached", job: row.id, error: reason(error) }, secretsOf(env));
    jobs.set(row.n, { due: Date.now() + backoff(row.failures, HELD), failures: row.failures + 1 });
    return;
  }
  const verdict = verdictOn(outcome);
  conclude(desk, row, verdict, Date.now());
  if (verdict.kind === "made" || (verdict.kind === "unknown" && !verdict.sought)) await forgetCreation(desk, row);
}

async function orderOf(desk: Desk, row: Row): Promise<Order> {
  const { id, caller, provider, hash, looks, usd, origin } = row;
  const request = JSON.parse(row.request) as Record<string, unknown>;
  const callback = "callback_url" in request ? undefined : await addressOf(desk.env, origin, provider, id);
  return {
    caller,
    provider,
    request: callback === undefined ? request : { ...request, callback_url: callback },
    hash,
    keyed: true,
    watched: true,
    limits: limitsOf(desk, caller) ?? GONE,
    total: settingsOf(desk.env).limits,
    ...(looks !== null && { looks }),
    ...(usd !== null && { usd }),
  };
}

function conclude(desk: Desk, row: Row, verdict: Verdict, now: number): void {
  const { jobs, lines } = desk;
  const { n, caller, provider } = row;
  if (verdict.kind === "made" || verdict.kind === "unknown") jobs.note(n, "sent", undefined, row.sent ?? now);
  switch (verdict.kind) {
    case "made":
      lines.took(provider, now);
      lines.setPoor(caller, false);
      made(desk, row, verdict.generation, now);
      break;
    case "unknown":
      // Or every other job might be lost as well.
      if (row.failures === 0) lines.holdProvider(provider, now, 0, true);
      if (verdict.sought) {
        jobs.note(n, "answer_lost", "The answer to the creation was lost. The job is looked for.");
        jobs.set(n, { due: now + SOUGHT_PAUSE, failures: row.failures + 1 });
      } else ended(desk, row, "unknown", verdict.error);
      break;
    case "failed":
      if (verdict.byProvider) lines.took(provider, now);
      ended(desk, row, "failed", verdict.error);
      break;
    case "limit":
      back(desk, row, verdict.error);
      if (verdict.ofAll) lines.holdAll(now + verdict.after);
      else lines.hold(caller, now + verdict.after, "limit");
      break;
    case "budget": {
      // The money of a job that fails comes back.
      const whose = verdict.ofAll ? undefined : caller;
      const isRunning = jobs.isAny("poll", whose);
      if (isRunning || jobs.isAny("send", whose, n)) {
        back(desk, row, verdict.error);
        lines.setPoor(caller, true);
        lines.hold(caller, now + (isRunning ? HELD : SETTLING), "money");
      } else ended(desk, row, "failed", verdict.error);
      break;
    }
    case "provider":
    case "again":
      if (row.tried !== null && row.tried < now - PATIENCE) {
        ended(desk, row, "failed", verdict.error);
      } else if (verdict.kind === "provider") {
        back(desk, row, verdict.error);
        lines.holdProvider(provider, now, verdict.after);
      } else back(desk, row, verdict.error, now + Math.max(verdict.after, backoff(row.failures)));
  }
}

function made({ jobs }: Desk, { n }: Row, generation: Generation, now: number): void {
  const state = generation.state === "queued" ? "queued" : "dreaming"; // its end is for a poll to tell
  const due = generation.state === state ? now + pollPause(0) : now;
  const change = { state, stage: "poll", due, failures: 0, made: now, made_id: generation.id, generation: stored(generation) } as const;
  jobs.change(n, change, state);
}

/** Back into its line: nothing was made. */
function back({ jobs, lines }: Desk, { n, caller, provider, failures }: Row, { message }: Failure, due = 0): void {
  jobs.note(n, "held", message);
  jobs.set(n, { stage: "wait", due, failures: due ? failures + 1 : failures });
  lines.join(caller, provider);
  lines.freed(caller);
}

function ended({ env, jobs, lines }: Desk, { n, caller, provider, usd }: Row, state: "failed" | "unknown", error: Failure): void {
  jobs.change(n, { state, stage: "end", error: JSON.stringify(error), usd: state === "failed" ? 0 : usd }, state, error.message);
  lines.ended(caller);
  report(env, { code: error.code, caller, provider });
}

/** Its outcome is stored here. Where it is not reached, it forgets by itself some day. */
function forgetCreation({ env }: Desk, { id }: Row): Promise<void> {
  return creationOfJob(env, id)
    .stored()
    .catch((error) => log({ event: "creation_unreached", job: id, error: reason(error) }, secretsOf(env)));
}
