// Whatever ends the Worker, and wherever: every job is delivered, and bought once.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { jobsOf, startJobs } from "./jobs.mjs";
import { once_ as once } from "./site.mjs";

const HOUR = 3_600_000;
const COUNT = 60;
const PLACES = 20;

let site;
let jobs;
let state;
before(async () => {
  state = await mkdtemp(join(tmpdir(), "luma-edge-jobs-"));
  site = await startJobs({ state, env: { LIMITS: { jobsAtOnce: PLACES, usdPerDay: 1000 } } });
  jobs = jobsOf(site);
});
after(async () => {
  await site?.stop();
  await rm(state, { recursive: true, force: true });
});

/** Lets time pass, until something is so. */
async function untilSo(isSo) {
  while (!(await isSo())) {
    await site.simulator.advance(HOUR);
    await site.change("UPDATE jobs SET due = 0 WHERE stage = 'poll'");
  }
}

const statesOf = async (handed) => (await Promise.all(handed.map(({ id }) => jobs.get(id)))).map(({ state }) => state);
const isEvery =
  (handed, ...wanted) =>
  async () =>
    (await statesOf(handed)).every((state) => wanted.includes(state));

/** In micro-dollars, of all callers in all months. */
async function spent() {
  const [{ micros }] = await site.account("SELECT sum(micros) AS micros FROM spent WHERE caller = '' AND length(period) = 7");
  return micros ?? 0;
}

/** A creation that is made, and whose answer never comes: the Worker is ended then. */
async function cutOff(path) {
  const made = new Promise((resolve) => {
    site.onHold = resolve;
  });
  let isMade = false;
  made.then(() => {
    isMade = true;
  });
  site.intercept = once("POST", path, "hold");
  await untilSo(() => isMade);
  await site.crash();
  site.intercept = undefined;
}

async function checkBooks(handed, before) {
  const ended = await Promise.all(handed.map(({ id }) => jobs.get(id)));
  assert.deepEqual(new Set(ended.map(({ state }) => state)), new Set(["completed"]));
  assert.equal(new Set(ended.map(({ generation }) => generation.id)).size, COUNT);
  assert.equal(await site.made(), before.made + COUNT, "each is bought once");
  assert.equal(await spent(), before.spent + COUNT * Math.round(1e6 * handed[0].usd), "and counted once");
  assert.deepEqual(await site.account("SELECT state FROM jobs WHERE state <> 'ended'"), [], "no place is taken any more");
}

test(`dream-machine: ${COUNT} jobs, killed twice in the middle of creations: all are delivered, each bought once`, async () => {
  const before = { made: await site.made(), spent: await spent() };
  const requests = Array.from({ length: COUNT }, (_, index) => ({ model: "ray-2", prompt: `A whale ${index}` }));
  const handed = await jobs.hand(requests, {}, { provider: "dream-machine" });
  await cutOff("/dream-machine");
  await cutOff("/dream-machine");
  await untilSo(isEvery(handed, "completed", "failed", "unknown"));
  await checkBooks(handed, before);
});

test(`agents: ${COUNT} jobs, killed twice while they run: all are delivered, each bought once`, async () => {
  const before = { made: await site.made(), spent: await spent() };
  const requests = Array.from({ length: COUNT }, (_, index) => ({ model: "ray-3.2", prompt: `A shark ${index}` }));
  const handed = await jobs.hand(requests, {}, { provider: "agents" });
  /** Every place is taken: nothing is on its way to the provider, where a crash would lose it. */
  const isFull = async () => (await site.change("SELECT count(*) AS n FROM jobs WHERE stage = 'poll'"))[0].n === PLACES;
  for (const completed of [0, PLACES]) {
    await untilSo(async () => (await statesOf(handed)).filter((state) => state === "completed").length >= completed);
    while (!(await isFull()));
    const running = (await statesOf(handed)).filter((state) => state !== "waiting");
    await site.crash();
    assert.deepEqual((await statesOf(handed)).filter((state) => state !== "waiting").length, running.length);
  }
  await untilSo(isEvery(handed, "completed", "failed", "unknown"));
  await checkBooks(handed, before);
});

test("agents: killed in the middle of a creation, the job stays unknown, and is not sent again", async () => {
  const cut = cutOff("/agents");
  const [job] = await jobs.hand([{ model: "ray-3.2", prompt: "A seal" }], {}, { provider: "agents" });
  await cut;
  const { state, error } = await jobs.end(job.id);
  assert.deepEqual([state, error.code], ["unknown", "unknown_outcome"]);
  const posts = (await site.simulator.requests()).filter(({ method, body }) => method === "POST" && body.includes("A seal"));
  assert.equal(posts.length, 1);
});

test("what was submitted just before a crash is there after it, and the same key gives it again", async () => {
  const body = { requests: [{ model: "ray-3.2", prompt: "A walrus" }], provider: "agents" };
  const { json } = await jobs.submit(body, { key: "walrus" });
  await site.crash();
  const again = await jobs.submit(body, { key: "walrus" });
  assert.deepEqual([again.status, again.json.jobs[0].id], [202, json.jobs[0].id]);
});
