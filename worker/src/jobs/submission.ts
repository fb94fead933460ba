// What POST /jobs hands over: read and checked as a whole. If one request is wrong, none is taken.

import type { Problem, ProviderId } from "luma-edge";
import { hashOf, idempotencyKeyOf } from "../creation/key.js";
import type { Wanted } from "../creation/messages.js";
import { wantedOf } from "../creation/wanted.js";
import { type Env, isProvider, originFor, PROVIDERS, type Settings, upstreamOf } from "../env.js";
import { accountOf } from "../limits/account.js";
import type { Limits } from "../limits/limits.js";
import { jsonOf } from "../proxy/body.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { isBody } from "../requests/fields.js";
import { ownOf, referencesOf } from "../requests/references.js";
import { webhookProblem } from "../webhooks/target.js";
import type { JobsCall } from "./call.js";
import { LONGEST_LABEL } from "./job.js";
import type { Submission, SubmissionKey } from "./store.js";

const LARGEST_BODY = 10_000_000;
const MOST_REQUESTS = 10_000;
/** Problems that are shown; more are only counted. */
const MOST_PROBLEMS = 100;

const FIELDS = ["request", "requests", "provider", "webhook", "label"];

/** What was handed over, as it came. */
export interface Handed {
  body: Record<string, unknown>;
  key?: SubmissionKey;
}

/** @throws {Refusal} */
export async function handedOf(request: Request, settings: Settings): Promise<Handed> {
  const key = idempotencyKeyOf(request);
  const body = await jsonOf(request, settings.bodyMs, LARGEST_BODY);
  return { body, ...(key !== undefined && { key: { key, hash: await hashOf(body) } }) };
}

/** @throws {Refusal} */
export async function submissionOf({ body, key }: Handed, { env, settings, caller: by, request }: JobsCall): Promise<Submission> {
  const { name: caller, limits } = by;
  const { provider = settings.defaultProvider, label, webhook } = body;
  refuse([...fieldProblems(body), ...addressProblems(settings, webhook), ...labelProblems(label), ...providerProblems(provider)]);
  const given = "requests" in body ? (body.requests as unknown[]) : [body.request];
  const paths = given.map((_, index) => ("requests" in body ? `requests[${index}]` : "request"));
  upstreamOf(env, provider as ProviderId); // a key is there
  const unpriced = limits.usdUnpriced ?? settings.limits.usdUnpriced;
  const origin = originFor(settings, request);
  const wanted: Wanted[] = [];
  const problems: Problem[] = [];
  for (const [index, one] of given.entries()) {
    const found = await checkedOne(provider as ProviderId, one, limits, origin);
    if (Array.isArray(found)) problems.push(...found.map((problem) => within(paths[index] as string, problem)));
    else wanted.push({ ...found, ...(found.usd === undefined && unpriced !== undefined && { usd: unpriced }) });
  }
  refuse(problems);
  refuse(await foreign(env, caller, provider as ProviderId, wanted, paths));
  return {
    caller,
    provider: provider as ProviderId,
    origin,
    wanted,
    ...(typeof label === "string" && { label }),
    ...(typeof webhook === "string" && { webhook }),
    ...(key && { key }),
  };
}

function fieldProblems(body: Record<string, unknown>): Problem[] {
  const unknown = Object.keys(body).filter((name) => !FIELDS.includes(name));
  const problems = unknown.map((path): Problem => ({ path, code: "unsupported", message: "is not a field that this server knows" }));
  const { request, requests } = body;
  if ("request" in body === "requests" in body)
    problems.push({ path: "requests", code: "required", message: "must be there, or `request` for one job, and not both" });
  else if (requests !== undefined && !(Array.isArray(requests) && requests.length > 0 && requests.length <= MOST_REQUESTS))
    problems.push({ path: "requests", code: "invalid_type", message: `must be a list of 1 to ${MOST_REQUESTS} requests` });
  else if ("request" in body && !isBody(request)) problems.push({ path: "request", code: "invalid_type", message: "must be an object" });
  return problems;
}

function addressProblems(settings: Settings, webhook: unknown): Problem[] {
  if (webhook === undefined) return [];
  if (typeof webhook !== "string") return [{ path: "webhook", code: "invalid_type", message: "must be an address" }];
  const message = webhookProblem(settings, webhook);
  return message ? [{ path: "webhook", code: "invalid_url", message }] : [];
}

function labelProblems(label: unknown): Problem[] {
  if (label === undefined || (typeof label === "string" && label.length > 0 && label.length <= LONGEST_LABEL)) return [];
  return [{ path: "label", code: "invalid_value", message: `must be a text of 1 to ${LONGEST_LABEL} characters` }];
}

function providerProblems(provider: unknown): Problem[] {
  if (typeof provider === "string" && isProvider(provider)) return [];
  return [{ path: "provider", code: "invalid_value", message: `must be one of ${PROVIDERS.join(", ")}` }];
}

/** A request that may be made, or what is wrong with it. */
async function checkedOne(provider: ProviderId, request: unknown, limits: Limits, origin: string): Promise<Wanted | Problem[]> {
  if (!isBody(request)) return [{ path: "", code: "invalid_type", message: "must be an object" }];
  try {
    return await wantedOf(provider, { request }, limits, origin);
  } catch (error) {
    if (error instanceof Refusal && error.more.problems) return error.more.problems;
    throw error;
  }
}

/** What requests name that is not the caller's own, in the same words as what does not exist. */
async function foreign(
  env: Env,
  caller: string,
  provider: ProviderId,
  wanted: readonly Wanted[],
  paths: readonly string[],
): Promise<Problem[]> {
  const references = wanted.map(({ request }) => referencesOf(request));
  const own = new Map<string, Set<string>>();
  for (const { kind, ids } of ownOf(references.flat()))
    own.set(kind, new Set(await orTryAgain(accountOf(env).owned(provider, kind, ids, caller), "Nothing was taken.")));
  return references.flatMap((some, index) =>
    some
      .filter(({ kind, id }) => !own.get(kind)?.has(id))
      .map(({ kind, path }) => within(paths[index] as string, { path, code: "invalid_value", message: `There is no such ${kind}.` })),
  );
}

const within = (at: string, problem: Problem): Problem => ({ ...problem, path: problem.path ? `${at}.${problem.path}` : at });

function refuse(problems: readonly Problem[]): void {
  if (!problems.length) return;
  const shown = problems.slice(0, MOST_PROBLEMS);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : "";
  throw new Refusal(422, "invalid_request", `${shown.map(({ path, message }) => `${path}: ${message}`).join("; ")}${more}`, {
    problems: shown,
  });
}
