// A site whose jobs' files stay where the provider has them, and the API of jobs as a test uses it.

import { callers } from "../../scripts/worker.mjs";
import { ANNE, BOB, startOwnSite } from "./site.mjs";

const OWN = `
  import worker, { Queue as Jobs } from "../../worker/src/index.ts";
  export { Account, Creation, Result } from "../../worker/src/index.ts";
  export class Queue extends Jobs {
    constructor(ctx, { RESULTS: _, ...env }) {
      super(ctx, env);
    }
    /** Lets a test move a job's times into the past. */
    async change(query) {
      const rows = this.ctx.storage.sql.exec(query).toArray();
      await this.alarm();
      return rows;
    }
  }
  export default {
    async fetch(request, env, context) {
      if (new URL(request.url).pathname !== "/change") return worker.fetch(request, env, context);
      return Response.json(await env.QUEUE.get(env.QUEUE.idFromName("queue")).change(await request.text()));
    },
  };`;

/** @param {object} [options] those of `startSite` */
export async function startJobs({ env, ...options } = {}) {
  const site = await startOwnSite(OWN, { ...options, env: { CALLERS: callers([ANNE, BOB]), ...env } });
  /** Runs SQL in the queue, and lets it look for what is due. */
  site.change = async (query) => (await fetch(`${site.worker.url}/change`, { method: "POST", body: query })).json();
  return site;
}

export const ENDED = ["completed", "failed", "cancelled", "unknown"];

/** The API of jobs at a site. */
export function jobsOf(site) {
  const submit = (body, more) => site.call("/jobs", { body, ...more });
  const get = async (id, more) => (await site.call(`/jobs/${id}`, more)).json;
  const cancel = (id, more) => site.call(`/jobs/${id}`, { method: "DELETE", ...more });
  const list = async (query = "", more) => (await site.call(`/jobs${query}`, more)).json;
  /** The job, as soon as it is in one of these states, or fits. */
  const until = async (id, wanted, more) => {
    const fits = typeof wanted === "function" ? wanted : ({ state }) => wanted.includes(state);
    for (;;) {
      const job = await get(id, more);
      if (fits(job)) return job;
      if (ENDED.includes(job.state)) throw new Error(`the job ended: ${JSON.stringify(job)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** Hands requests over, and gives the jobs. */
  const hand = async (requests, more, body = {}) => {
    const { status, json, text } = await submit({ requests, ...body }, more);
    if (status !== 202) throw new Error(text);
    return json.jobs;
  };
  return { submit, hand, get, cancel, list, until, end: (id, more) => until(id, ENDED, more) };
}
