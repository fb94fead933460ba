// A job is completed when its results are kept.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobsOf, startJobs } from "./jobs.mjs";

const HOUR = 3_600_000;
const ORIGIN = "https://worker.example.com";

let site;
let jobs;
before(async () => {
  site = await startJobs({ bucket: true, env: { PUBLIC_URL: ORIGIN } });
  jobs = jobsOf(site);
});
after(() => site?.stop());

const hand = async (prompt) => (await jobs.hand([{ model: "ray-2", prompt }]))[0];
const isKeeping = ({ history }) => history.some(({ event }) => event === "made");

test("the assets of a completed job lead to this server's copies; what the provider said is untouched", async () => {
  const { id } = await hand("A finch");
  await jobs.until(id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  const { state, generation } = await jobs.end(id);
  assert.equal(state, "completed");
  assert.ok(generation.assets.video.startsWith(`${ORIGIN}/results/`), generation.assets.video);
  assert.match(generation.raw.assets.video, /^https:\/\/files\.example\.com\//);
  const file = await fetch(generation.assets.video.replace(ORIGIN, site.worker.url));
  assert.equal(file.headers.get("content-type"), "video/mp4");
});

test("a file that cannot be copied yet is tried again, and the job is not completed before", async () => {
  let failures = 0;
  site.intercept = ({ path }) => {
    if (path.includes("generations")) return undefined;
    failures++;
    return (response) => response.writeHead(503).end();
  };
  const { id } = await hand("A wren");
  await jobs.until(id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  await jobs.until(id, isKeeping);
  while (failures < 2) await site.change("UPDATE jobs SET due = 0 WHERE stage = 'keep'");
  const job = await jobs.get(id);
  assert.match(job.state, /queued|dreaming/);
  assert.equal((await jobs.cancel(id)).json.code, "already_sent");
  assert.deepEqual(await site.account("SELECT state FROM jobs WHERE state <> 'ended'"), [], "its place is free");
  site.intercept = undefined;
  await site.change("UPDATE jobs SET due = 0 WHERE stage = 'keep'");
  const done = await jobs.end(id);
  assert.ok(done.generation.assets.video.startsWith(`${ORIGIN}/results/`));
});

test("a file that cannot be copied for a day: the job is completed with the provider's address, and its history says so", async () => {
  site.intercept = ({ path }) => (path.includes("generations") ? undefined : (response) => response.writeHead(503).end());
  const { id } = await hand("A crow");
  await jobs.until(id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  await jobs.until(id, isKeeping);
  await site.change(`UPDATE jobs SET ended = ended - ${25 * HOUR}, due = 0 WHERE stage = 'keep'`);
  const { state, generation, history } = await jobs.end(id);
  site.intercept = undefined;
  assert.equal(state, "completed");
  assert.match(generation.assets.video, /^https:\/\/files\.example\.com\//);
  assert.match(history.at(-1).detail, /could be copied/);
});
