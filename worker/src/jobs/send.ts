// Sends a job through a creation object of its own, and does what follows for the job, its caller and its provider.

import type { Generation } from "luma-edge";
import { addressOf } from "../callbacks/address.js";
import { creationOfJob } from "../creation/key.js";
import type { CreationRequest, Failure, Outcome } from "../creation/messages.js";
import { secretsOf, settingsOf } from "../env.js";
import type { Limits } from "../limits/limits.js";
import { report } from "../limits/report.js";
import { log, reason } from "../log.js";
import type { QueueContext } from "./context.js";
import { limitsOf } from "./dispatch.js";
import { type Row, stored } from "./row.js";
import { backoff, HELD, LATEST_RESEND, pollPause, RETRY_FOR, SEARCH_PAUSE, SETTLING } from "./schedule.js";
import { type SendResult, sendResultOf } from "./send-result.js";

/** Of a caller that is no longer in the settings: what was cut off on its way is settled, and nothing new is sent. */
const GONE: Limits = { jobsAtOnce: 0 };

/** May be repeated after any interruption: the creation object sends once. */
export async function send(context: QueueContext, row: Row): Promise<void> {
  const { env, jobs } = context;
  if (row.last_sent !== null && row.last_sent < Date.now() - LATEST_RESEND) {
    const message = "This server lost sight of the creation for days: it may have been made.";
    ended(context, row, "unknown", { code: "unknown_outcome", message });
    return;
  }
  let outcome: Outcome;
  try {
    outcome = await creationOfJob(env, row.id).create(await creationRequestOf(context, row));
  } catch (error) {
    // It may have been sent: it is asked again.
    log({ event: "creation_unreached", job: row.id, error: reason(error) }, secretsOf(env));
    jobs.set(row.n, { due: Date.now() + backoff(row.failures, HELD), failures: row.failures + 1 });
    return;
  }
  const result = sendResultOf(outcome);
  conclude(context, row, result, Date.now());
  if (result.kind === "made" || (result.kind === "unknown" && !result.searching)) await forgetCreation(context, row);
}

async function creationRequestOf(context: QueueContext, row: Row): Promise<CreationRequest> {
  const { id, caller, provider, hash, fingerprint, usd, origin } = row;
  const settings = settingsOf(context.env);
  const request = JSON.parse(row.request) as Record<string, unknown>;
  const callback = "callback_url" in request ? undefined : await addressOf(context.env, origin, provider, id);
  return {
    caller,
    provider,
    request: callback === undefined ? request : { ...request, callback_url: callback },
    hash,
    keyed: true,
    watched: true,
    limits: limitsOf(context, settings, caller) ?? GONE,
    total: settings.limits,
    ...(fingerprint !== null && { fingerprint }),
    ...(usd !== null && { usd }),
  };
}

function conclude(context: QueueContext, row: Row, result: SendResult, now: number): void {
  const { jobs, queues, throttle } = context;
  const { n, caller, provider } = row;
  if (result.kind === "made" || result.kind === "unknown") jobs.addHistory(n, "sent", undefined, row.last_sent ?? now);
  switch (result.kind) {
    case "made":
      throttle.accepted(provider, now);
      queues.setNearBudget(caller, false);
      made(context, row, result.generation, now);
      break;
    case "unknown":
      // Or every other job might be lost as well.
      if (row.failures === 0) throttle.backOff(provider, now, 0, true);
      if (result.searching) {
        jobs.addHistory(n, "answer_lost", "The answer to the creation was lost. The job is looked for.");
        jobs.set(n, { due: now + SEARCH_PAUSE, failures: row.failures + 1 });
      } else ended(context, row, "unknown", result.error);
      break;
    case "failed":
      if (result.byProvider) throttle.accepted(provider, now);
      ended(context, row, "failed", result.error);
      break;
    case "limit":
      back(context, untried(row), result.error);
      if (result.ofAll) throttle.holdAll(now + result.after);
      else queues.hold(caller, now + result.after, "limit");
      break;
    case "budget": {
      // The money of a job that fails comes back.
      const whose = result.ofAll ? undefined : caller;
      const isRunning = jobs.isAny("poll", whose);
      if (isRunning || jobs.isAny("send", whose, n)) {
        back(context, untried(row), result.error);
        queues.setNearBudget(caller, true);
        queues.hold(caller, now + (isRunning ? HELD : SETTLING), "budget");
      } else ended(context, row, "failed", result.error);
      break;
    }
    case "provider":
    case "again":
      if (row.first_sent !== null && row.first_sent < now - RETRY_FOR) {
        ended(context, row, "failed", result.error);
      } else if (result.kind === "provider") {
        throttle.backOff(provider, now, result.after);
        // What is refused to this job may be granted to another: that one goes first.
        back(context, row, result.error, result.othersFirst ? now + result.after + backoff(row.failures) : 0);
      } else back(context, row, result.error, now + Math.max(result.after, backoff(row.failures)));
  }
}

function made({ jobs }: QueueContext, { n }: Row, generation: Generation, now: number): void {
  const state = generation.state === "queued" ? "queued" : "dreaming"; // a poll will see its end
  const due = generation.state === state ? now + pollPause(0) : now;
  const change = {
    state,
    stage: "poll",
    due,
    failures: 0,
    made: now,
    generation_id: generation.id,
    generation: stored(generation),
  } as const;
  jobs.change(n, change, state);
}

/** A job that this server itself did not let through: the day in which it may be tried has not begun, unless it was tried before. */
const untried = (row: Row): Row => (row.first_sent === row.last_sent ? { ...row, first_sent: null } : row);

/** Back into its queue: nothing was made. */
function back({ jobs, queues }: QueueContext, row: Row, { message }: Failure, due = 0): void {
  const { n, caller, provider, failures, first_sent } = row;
  jobs.addHistory(n, "held", message);
  jobs.set(n, { stage: "wait", due, failures: due ? failures + 1 : failures, first_sent });
  queues.join(caller, provider);
  queues.freed(caller);
}

function ended({ env, jobs, queues }: QueueContext, { n, caller, provider, usd }: Row, state: "failed" | "unknown", error: Failure): void {
  jobs.change(n, { state, stage: "end", error: JSON.stringify(error), usd: state === "failed" ? 0 : usd }, state, error.message);
  queues.ended(caller);
  report(env, { code: error.code, caller, provider });
}

/** Its outcome is stored here. Where it is not reached, it forgets by itself some day. */
function forgetCreation({ env }: QueueContext, { id }: Row): Promise<void> {
  return creationOfJob(env, id)
    .stored()
    .catch((error) => log({ event: "creation_unreached", job: id, error: reason(error) }, secretsOf(env)));
}
