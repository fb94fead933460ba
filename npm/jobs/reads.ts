// Jobs as they are now.

import { LumaError } from "../common/error.js";
import { invalidOption } from "./errors.js";
import type { Server } from "./server.js";
import type { Job, JobOrId, JobPage, ListJobsOptions } from "./types.js";

/** @throws {LumaError} for what would lead elsewhere */
export function idOf(target: JobOrId): string {
  const id = typeof target === "object" ? target?.id : target;
  if (typeof id !== "string" || !/^[\w-]{1,100}$/.test(id)) throw invalidOption("jobs", "job", "must be a job, or the id of one");
  return id;
}

export const pathOf = (target: JobOrId): string => `/jobs/${idOf(target)}`;

export const read = async (server: Server, target: JobOrId, signal: AbortSignal | undefined): Promise<Job> =>
  checked(await server.read<Job>({ path: pathOf(target) }, signal));

export async function pageOf(server: Server, { signal, ...options }: ListJobsOptions): Promise<JobPage> {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]]));
  const query = String(new URLSearchParams(given));
  const page = await server.read<JobPage>({ path: query ? `/jobs?${query}` : "/jobs" }, signal);
  jobsOf(page);
  return page;
}

export async function* listAll(server: Server, options: ListJobsOptions): AsyncGenerator<Job, void> {
  let cursor: string | undefined;
  do {
    const page: JobPage = await pageOf(server, { ...options, cursor });
    yield* page.jobs;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** @throws {LumaError} for an answer that is not the jobs API's */
export function jobsOf(answer: { jobs?: Job[] } | null): Job[] {
  if (!Array.isArray(answer?.jobs)) throw unlike();
  return answer.jobs.map(checked);
}

export function checked(job: Job): Job {
  if (typeof job?.id !== "string" || typeof job.state !== "string") throw unlike();
  return job;
}

const unlike = () =>
  new LumaError({ code: "protocol", message: "The server answered with something else than jobs: check baseUrl and any proxy" });
