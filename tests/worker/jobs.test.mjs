// Jobs that are handed over: each is made once, waits for its turn, and is delivered.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobsOf, startSite } from "./site.mjs";

let site;
let jobs;
before(async () => {
  site = await startSite();
  jobs = jobsOf(site);
});
after(() => site?.stop());

test("a job that is handed over is made and delivered", async () => {
  const { status, json } = await jobs.submit({ request: { model: "ray-2", prompt: "A tiger" }, label: "first" });
  assert.equal(status, 202, JSON.stringify(json));
  const [job] = json.jobs;
  assert.match(job.id, /^job_[\w-]{22}$/);
  assert.deepEqual(job, { ...job, state: "waiting", position: 1, label: "first", provider: "dream-machine" });
  await jobs.until(job.id, ["queued", "dreaming"]);
  await site.simulator.advance(3_600_000);
  const done = await jobs.end(job.id);
  assert.equal(done.state, "completed");
  assert.match(done.generation.assets.video, /^https:/);
  assert.deepEqual(
    done.history.map(({ event }) => event).filter((event) => event !== "dreaming"),
    ["submitted", "sent", "queued", "made", "completed"],
  );
});
