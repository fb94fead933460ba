// The API of jobs: POST /jobs, GET /jobs, GET /jobs/:id, DELETE /jobs/:id, GET /jobs/events, GET /jobs/:id/events.

import { authorized } from "../auth/authorize.js";
import { enter } from "../auth/enter.js";
import type { CallerRequest } from "../caller-request.js";
import { noPath } from "../proxy/path.js";
import { orTryAgain, Refusal, type RefusalData } from "../refusal.js";
import type { JobsCall } from "./call.js";
import { events } from "./events.js";
import { isJobId, type Job, type JobState, LONGEST_LABEL, STATES } from "./job.js";
import type { Filter } from "./store.js";
import { queueOf } from "./stub.js";
import { type Handed, handedOf, submissionOf } from "./submission.js";

const MOST_LISTED = 100;
const LISTED = 20;

/** @throws {Refusal} */
export async function jobs(incoming: CallerRequest): Promise<Response> {
  const { request, env, settings, line } = incoming;
  const caller = await authorized(incoming);
  line.caller = caller.name;
  const { pathname, searchParams } = new URL(request.url);
  const call: JobsCall = { ...incoming, caller };
  const [id, ...rest] = pathname.split("/").slice(2);
  const isOfAll = id === "events" && !rest.length;
  const isLive = isOfAll || (rest.length === 1 && rest[0] === "events");
  line.route = `/jobs${id === undefined || isOfAll ? "" : "/:id"}${isLive ? "/events" : ""}`;
  await enter(env, settings, caller);
  if (id === undefined) {
    if (request.method === "POST") return submit(call);
    if (request.method === "GET") return list(call, searchParams);
    throw new Refusal(405, "method", "Only GET and POST are allowed here.");
  }
  if ((rest.length && !isLive) || !(isOfAll || isJobId(id))) throw noPath();
  if (isLive) {
    if (request.method === "GET") return events(call, isOfAll ? undefined : id);
    throw new Refusal(405, "method", "Only GET is allowed here.");
  }
  if (request.method === "GET") return read(call, id);
  if (request.method === "DELETE") return cancel(call, id);
  throw new Refusal(405, "method", "Only GET and DELETE are allowed here.");
}

async function submit(call: JobsCall): Promise<Response> {
  const { request, env, settings, caller, line } = call;
  const handed = await handedOf(request, settings);
  // What was taken once is not checked again: it may refer to what is gone by now.
  const known = handed.key && (await orTryAgain(queueOf(env).submitted(caller.name, handed.key), SUBMIT_AGAIN));
  const taken = known ?? (await take(handed, call));
  if (!Array.isArray(taken)) throw Refusal.of(taken);
  const [job] = taken;
  if (job) line.provider = job.provider;
  return Response.json({ jobs: taken }, { status: 202 });
}

async function take(handed: Handed, call: JobsCall): Promise<Job[] | RefusalData> {
  const submission = await submissionOf(handed, call);
  call.line.provider = submission.provider;
  return orTryAgain(queueOf(call.env).submit(submission, call.caller.limits), SUBMIT_AGAIN);
}

const SUBMIT_AGAIN = "Send this again with the same Idempotency-Key.";

async function list({ env, caller }: JobsCall, search: URLSearchParams): Promise<Response> {
  const { jobs, next } = await orTryAgain(queueOf(env).list(caller.name, filterOf(search)), READ);
  return Response.json({ jobs, ...(next !== undefined && { cursor: String(next) }) });
}

async function read({ env, caller }: JobsCall, id: string): Promise<Response> {
  return Response.json(found(await orTryAgain(queueOf(env).find(caller.name, id), READ)));
}

async function cancel({ env, caller }: JobsCall, id: string): Promise<Response> {
  return Response.json(found(await orTryAgain(queueOf(env).cancel(caller.name, id), "Nothing is known to have changed: read the job.")));
}

const READ = "Nothing was changed: it can be read again.";

/** @throws {Refusal} where it is none */
function found(job: Job | RefusalData | undefined): Job {
  if (!job) throw new Refusal(404, "not_found", "There is no such job.");
  if ("message" in job) throw Refusal.of(job);
  return job;
}

/** @throws {Refusal} for a parameter that is not known, or not in its form */
function filterOf(search: URLSearchParams): Filter {
  const filter: Filter = { limit: LISTED };
  for (const [name, value] of search) {
    if (search.getAll(name).length > 1) throw wrong(name, "must be there once");
    if (name === "limit" && /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= MOST_LISTED) filter.limit = Number(value);
    else if (name === "cursor" && /^\d{1,15}$/.test(value)) filter.before = Number(value);
    else if (name === "state" && STATES.some((state) => state === value)) filter.state = value as JobState;
    else if (name === "label" && value && value.length <= LONGEST_LABEL) filter.label = value;
    else throw wrong(name, FORMS.get(name) ?? "is not known");
  }
  return filter;
}

const FORMS = new Map([
  ["limit", `must be from 1 to ${MOST_LISTED}`],
  ["cursor", "must be one that a list gave"],
  ["state", `must be one of ${STATES.join(", ")}`],
  ["label", `must be of 1 to ${LONGEST_LABEL} characters`],
]);

/** The name is a caller's text: only a known one is repeated. */
const wrong = (name: string, form: string): Refusal =>
  new Refusal(400, "bad_request", `A parameter of the address${FORMS.has(name) ? `, ${name},` : ""} ${form}.`);
