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

let site;
let jobs;
let state;
before(async () => {
  state = await mkdtemp(join(tmpdir(), "luma-edge-jobs-"));
  site = await startJobs({ state, env: { LIMITS: { jobsAtOnce: 20, usdPerDay: 1000 } } });
  jobs = jobsOf(site);
});
after(async () => {
  await site?.stop();
  await rm(state, { recursive: true, force: true });
});

/** Resolves when so many creations are on their way that never end, or were made. */
function madeOf(path, count) {
  let resolve;
  let made = 0;
  const reached = new Promise((done) => {
    resolve = done;
  });
  site.intercept = ({ method, path: at }) => {
    if (method === "POST" && at.startsWith(path) && ++made === count) {
      site.onHold = resolve;
      return "hold";
    }
    return undefined;
  };
  return reached;
}

/** Lets jobs end until all have. */
async function delivered(handed) {
  for (;;) {
    const states = (await Promise.all(handed.map(({ id }) => jobs.get(id)))).map(({ state }) => state);
    if (states.every((state) => ["completed", "failed", "unknown"].includes(state))) return states;
    await site.simulator.advance(HOUR);
    await site.change("UPDATE jobs SET due = 0 WHERE stage = 'poll'"); // as much time as that
  }
}

const spent = async () => (await site.call("/jobs?limit=1")).json; // keeps the Worker awake

test(`dream-machine: ${COUNT} jobs, killed twice in the middle of a creation: all are delivered, each bought once`, async () => {
  const requests = Array.from({ length: COUNT }, (_, index) => ({ model: "ray-2", prompt: `A whale ${index}` }));
  let reached = madeOf("/dream-machine", 7);
  const handed = await jobs.hand(requests, { key: "whales" }, { provider: "dream-machine" });
  await reached;
  await site.crash();
  reached = madeOf("/dream-machine", 20);
  const all = delivered(handed);
  await reached;
  await site.crash().catch(() => {});
  site.intercept = undefined;
  assert.deepEqual(new Set(await all), new Set(["completed"]));
  assert.equal(await site.made(), COUNT);
});
