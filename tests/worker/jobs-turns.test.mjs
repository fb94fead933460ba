// Whose turn it is, and what limits and budgets let through.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { jobsOf, startJobs } from "./jobs.mjs";
import { ANNE, BOB } from "./site.mjs";

const HOUR = 3_600_000;
const sites = [];
after(() => Promise.all(sites.map((site) => site.stop())));

async function start(env, state) {
  const site = await startJobs({ env, state });
  sites.push(site);
  return { site, jobs: jobsOf(site) };
}

/** Videos of the Agents API, whose price is published: 0.15 dollars each. */
const AGENTS = { provider: "agents" };
const videos = (count, name) =>
  Array.from({ length: count }, (_, index) => ({ model: "ray-3.2", prompt: `${name} ${index}`, resolution: "540p", duration: "5s" }));
const states = async (jobs, query = "?limit=100", more) => (await jobs.list(query, more)).jobs.map(({ state }) => state);
const count = (list, ...wanted) => list.filter((one) => wanted.includes(one)).length;
/** What was asked for, in the order in which it reached the provider. */
const prompts = async (site) =>
  (await site.simulator.requests()).flatMap(({ method, body }) => (method === "POST" ? JSON.parse(body).prompt : []));

test("callers take turns, however much one of them has handed over", async () => {
  const { site, jobs } = await start({ LIMITS: { jobsAtOnce: 4 } });
  const annes = await jobs.hand(videos(40, "Anne"), {}, AGENTS);
  await jobs.until(annes[3].id, ["queued", "dreaming"]);
  const bobs = await jobs.hand(videos(6, "Bob"), { token: BOB }, AGENTS);
  await site.simulator.advance(HOUR);
  await jobs.until(bobs[1].id, ["queued", "dreaming"], { token: BOB });
  for (const { id } of annes.slice(0, 4)) assert.equal((await jobs.end(id)).state, "completed");
  const made = (await prompts(site)).slice(4, 8).map((prompt) => prompt.split(" ")[0]);
  assert.deepEqual([count(made, "Anne"), count(made, "Bob")], [2, 2], made.join());
  assert.equal((await jobs.get(annes.at(-1).id)).state, "waiting");
});

test("a server that is closed by a limit of 0 wakes by itself, and goes on once the limit is raised", async (t) => {
  const state = await mkdtemp(join(tmpdir(), "luma-edge-closed-"));
  t.after(() => rm(state, { recursive: true, force: true }));
  const { site, jobs } = await start({ LIMITS: { jobsAtOnce: 0 } }, state);
  const [job] = await jobs.hand(videos(1, "A lynx"), {}, AGENTS);
  const wakes = await site.wakes();
  assert.ok(wakes !== null && wakes <= Date.now() + 30_000, `its alarm is set for ${wakes}`);
  await site.crash({ LIMITS: { jobsAtOnce: 1 } });
  await site.change("SELECT 1"); // as the alarm does
  await jobs.until(job.id, ["queued", "dreaming"]);
});

test("a job that a limit held for a day has not been tried for a day: a provider that is busy then does not fail it", async () => {
  const { site, jobs } = await start({ LIMITS: { jobsPerMinute: 1 } });
  const [first, second] = await jobs.hand(videos(2, "A lynx"), {}, AGENTS);
  await jobs.until(first.id, ["queued", "dreaming"]);
  await jobs.until(second.id, ({ history }) => history.some(({ event }) => event === "held"));
  await site.change(`UPDATE jobs SET first_sent = first_sent - ${25 * HOUR}, last_sent = last_sent - ${25 * HOUR}`);
  await site.account("UPDATE jobs SET at = at - 60000"); // the minute is over
  site.intercept = ({ method }) => (method === "POST" ? (response) => response.writeHead(429).end('{"detail":"busy"}') : undefined);
  await site.change("UPDATE holds SET until = 0");
  const { state } = await jobs.until(second.id, ({ history }) => history.some(({ detail }) => detail?.includes("busy")));
  assert.equal(state, "waiting");
});

test("jobs at once: never more than the limit, and the next begins as soon as one has ended", async () => {
  const [anne, bob] = callers([ANNE, BOB]);
  const { site, jobs } = await start({ CALLERS: [{ ...anne, limits: { jobsAtOnce: 3 } }, bob] });
  const handed = await jobs.hand(videos(8, "A lion"), {}, AGENTS);
  await jobs.until(handed[2].id, ["queued", "dreaming"]);
  for (const batch of [handed.slice(0, 3), handed.slice(3, 6), handed.slice(6)]) {
    for (const { id } of batch) await jobs.until(id, ["queued", "dreaming"]);
    assert.ok(count(await states(jobs), "queued", "dreaming") <= 3);
    await site.simulator.advance(HOUR);
    for (const { id } of batch) assert.equal((await jobs.end(id)).state, "completed");
  }
  assert.equal(await site.made(), 8);
  const posts = (await site.received()).filter((call) => call.startsWith("POST"));
  assert.equal(posts.length, 8, "nothing was sent that a limit forbids");
});

test("a job in the way that is no job of the queue: what waits goes on when it has ended", async () => {
  const [anne, bob] = callers([ANNE, BOB]);
  const { site, jobs } = await start({ CALLERS: [{ ...anne, limits: { jobsAtOnce: 1 } }, bob] });
  const body = { type: "video", model: "ray-3.2", prompt: "A wolf" };
  const { json } = await site.call("/luma/agents/generations", { body });
  const [job] = await jobs.hand(videos(1, "A fox"), {}, AGENTS);
  const held = await jobs.until(job.id, ({ history }) => history.some(({ event }) => event === "held"));
  assert.equal(held.state, "waiting");
  assert.match(held.history.at(-1).detail, /concurrent jobs/);
  await site.simulator.advance(HOUR);
  assert.equal((await site.call(`/luma/agents/generations/${json.id}`)).json.state, "completed");
  await jobs.until(job.id, ["queued", "dreaming"]);
});

test("a budget for 5 of 12: 5 are made, the others fail and say why, and cost nothing", async () => {
  const [anne, bob] = callers([ANNE, BOB]);
  const { site, jobs } = await start({ CALLERS: [{ ...anne, limits: { usdPerDay: 0.75 } }, bob] });
  const handed = await jobs.hand(videos(12, "A tiger"), {}, AGENTS);
  for (const { id } of handed.slice(0, 5)) await jobs.until(id, ["queued", "dreaming"]);
  assert.equal(count(await states(jobs), "waiting"), 7, "as long as money may come back");
  await site.simulator.advance(HOUR);
  const ended = await Promise.all(handed.map(({ id }) => jobs.end(id)));
  assert.equal(
    count(
      ended.map(({ state }) => state),
      "completed",
    ),
    5,
  );
  const failed = ended.filter(({ state }) => state === "failed");
  assert.equal(failed.length, 7);
  for (const { error, usd, generation } of failed) {
    assert.deepEqual([error.code, error.status, usd, generation], ["budget_exceeded", 402, 0, undefined]);
    assert.match(error.message, /costs \$0\.15, and \$0\.00 is left/);
  }
  assert.equal(await site.made(), 5);
  assert.equal((await site.received()).filter((call) => call.startsWith("POST")).length, 5);
});

test("money that comes back makes another job", async () => {
  const [anne, bob] = callers([ANNE, BOB]);
  const { site, jobs } = await start({ CALLERS: [{ ...anne, limits: { usdPerDay: 0.2 } }, bob] });
  const requests = videos(3, "A bear");
  requests[0].prompt += " [fail:moderation]";
  const [first, second, third] = await jobs.hand(requests, {}, AGENTS);
  await jobs.until(first.id, ["queued", "dreaming"]);
  await jobs.until(second.id, ({ history }) => history.some(({ event }) => event === "held"));
  await site.simulator.advance(HOUR);
  const failed = await jobs.end(first.id);
  assert.deepEqual([failed.state, failed.usd, failed.error, failed.generation.failure.refunded], ["failed", 0, undefined, true]);
  await jobs.until(second.id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  assert.equal((await jobs.end(second.id)).state, "completed");
  assert.deepEqual((await jobs.end(third.id)).error.code, "budget_exceeded");
  assert.equal(await site.made(), 2);
});

test("creations a minute: the others wait, and nothing more is sent", async () => {
  const { site, jobs } = await start({ LIMITS: { jobsPerMinute: 3 } });
  const handed = await jobs.hand(videos(10, "A goat"), {}, AGENTS);
  const held = await jobs.until(handed[3].id, ({ history }) => history.some(({ event }) => event === "held"));
  assert.match(held.history.at(-1).detail, /3 a minute/);
  for (const { id } of handed.slice(0, 3)) await jobs.until(id, ["queued", "dreaming"]);
  assert.equal(count(await states(jobs), "waiting"), 7);
  assert.equal((await site.received()).filter((call) => call.startsWith("POST")).length, 3);
});

test("a caller that is taken out of CALLERS: its jobs wait, /admin says why, and they go on when it is back", async (t) => {
  const TOKEN = "token-of-the-operator-0123456789abcdef";
  const ADMIN_SHA256 = createHash("sha256").update(TOKEN).digest("hex");
  const [anne, bob] = callers([ANNE, BOB]);
  const both = [anne, { ...bob, limits: { jobsAtOnce: 1 } }];
  const state = await mkdtemp(join(tmpdir(), "luma-edge-jobs-"));
  t.after(() => rm(state, { recursive: true, force: true }));
  const { site, jobs } = await start({ CALLERS: both, ADMIN_SHA256 }, state);
  const [running, waiting] = await jobs.hand(videos(2, "Bob"), { token: BOB }, AGENTS);
  await jobs.until(running.id, ["queued", "dreaming"], { token: BOB });
  await site.crash({ CALLERS: [anne] });
  assert.equal((await site.call("/jobs", { token: BOB })).json.code, "unauthorized");
  await site.change("UPDATE queues SET held_until = 0"); // what held it was the job that runs
  const { json } = await site.call("/admin", { token: TOKEN });
  assert.deepEqual(
    json.queue.held.map(({ caller, reason }) => [caller, reason]),
    [[bob.name, "removed"]],
  );
  await site.simulator.advance(HOUR);
  await site.crash({ CALLERS: both });
  await site.change("UPDATE queues SET held_until = 0"); // sooner than after half a minute
  assert.equal((await jobs.end(running.id, { token: BOB })).state, "completed");
  await jobs.until(waiting.id, ["queued", "dreaming"], { token: BOB });
  assert.equal(await site.made(), 2);
});
