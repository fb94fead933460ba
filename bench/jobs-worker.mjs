// The Worker as it is, with a look into its books for the benchmark.

import worker, { Queue as Jobs, Account as Records } from "../worker/src/index.ts";

export { Creation, Result } from "../worker/src/index.ts";

export class Account extends Records {
  books() {
    const { sql } = this.ctx.storage;
    const [{ micros }] = sql.exec("SELECT sum(micros) AS micros FROM spent WHERE caller = '' AND length(period) = 7").toArray();
    const [{ places }] = sql.exec("SELECT count(*) AS places FROM jobs WHERE state IN ('sent', 'open')").toArray();
    return { micros: micros ?? 0, places };
  }
}

export class Queue extends Jobs {
  constructor(ctx, { RESULTS: _, ...env }) {
    super(ctx, env); // results are not what is measured
  }

  books() {
    const { sql } = this.ctx.storage;
    const states = sql.exec("SELECT state, count(*) AS count, count(usd) AS priced, sum(usd) AS usd FROM jobs GROUP BY state").toArray();
    return { states, bytes: sql.databaseSize };
  }
}

const objectOf = (namespace, name) => namespace.get(namespace.idFromName(name));

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/books") return worker.fetch(request, env, context);
    const [queue, account] = await Promise.all([objectOf(env.QUEUE, "queue").books(), objectOf(env.ACCOUNT, "account").books()]);
    return Response.json({ ...queue, ...account });
  },
};
