// A site whose queue a test can look into, and the API of jobs as a test uses it.

import { callers } from "../../scripts/worker.mjs";
import { ANNE, BOB, startOwnSite } from "./site.mjs";

const ownWorker = (hasBucket) => `
  import worker, { Account as Records, Queue as Jobs, Result as Keeper } from "../../worker/src/index.ts";
  export { Creation } from "../../worker/src/index.ts";
  /** Files come from the simulator. Their addresses must not be its own, which no answer may show. */
  export class Result extends Keeper {
    constructor(ctx, env) {
      const base = new URL(env.UPSTREAMS["dream-machine"]).origin;
      const PUBLIC_NETWORK = { fetch: (url, init) => fetch(url.replace("https://files.example.com", base), init) };
      super(ctx, { ...env, PUBLIC_NETWORK });
    }
  }
  export class Account extends Records {
    change(query) {
      return this.ctx.storage.sql.exec(query).toArray();
    }
  }
  export class Queue extends Jobs {
    constructor(ctx, { RESULTS, ...env }) {
      super(ctx, { ...env, RESULTS: ${hasBucket} ? RESULTS : undefined });
    }
    async change(query) {
      const rows = this.ctx.storage.sql.exec(query).toArray();
      await this.alarm();
      return rows;
    }
    wakes() {
      return this.ctx.storage.getAlarm();
    }
  }
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url);
      const object = { "/queue": env.QUEUE.get(env.QUEUE.idFromName("queue")), "/account": env.ACCOUNT.get(env.ACCOUNT.idFromName("account")) };
      if (pathname === "/wakes") return Response.json(await object["/queue"].wakes());
      const asked = object[pathname];
      return asked ? Response.json(await asked.change(await request.text())) : worker.fetch(request, env, context);
    },
  };`;

/** @param {object} [options] those of `startSite`, and `bucket`: whether results are kept */
export async function startJobs({ env, bucket = false, ...options } = {}) {
  const site = await startOwnSite(ownWorker(bucket), { ...options, env: { CALLERS: callers([ANNE, BOB]), ...env } });
  const asked = (object) => async (query) => (await fetch(`${site.worker.url}/${object}`, { method: "POST", body: query })).json();
  /** Runs SQL in the queue, say to move a job's times, and lets it look for what is due. */
  site.change = asked("queue");
  site.account = asked("account");
  /** When the queue's alarm is set for, in ms; null where there is none. */
  site.wakes = async () => (await fetch(`${site.worker.url}/wakes`)).json();
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
