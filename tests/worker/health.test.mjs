// `/health` where a part does not answer.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createProxy } from "luma-edge/proxy";
import { startOwnSite } from "./site.mjs";

const OWN = `
  import worker, { Account as Records } from "../../worker/src/index.ts";
  export { Creation, Queue, Result } from "../../worker/src/index.ts";
  export class Account extends Records {
    ping() {
      throw new Error("the disk of anne is full");
    }
  }
  export default worker;`;

let site;
before(async () => {
  site = await startOwnSite(OWN);
});
after(() => site?.stop());

test("it says which part fails, and not why", async () => {
  const { status, json } = await site.call("/health", { token: false });
  assert.equal(status, 503);
  assert.deepEqual(json, { status: "failing", parts: { records: "failing", jobs: "ok", results: "ok" } });
});

test("the proxy in a process is well, whatever else the process's variables are for", async () => {
  const answer = await createProxy({ env: { QUEUE: "mail", RESULTS: "/srv/results" } })(new Request("https://example.com/health"));
  assert.deepEqual([answer.status, await answer.json()], [200, { status: "ok", parts: { records: "ok" } }]);
});
