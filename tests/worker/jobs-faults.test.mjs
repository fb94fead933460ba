// What a provider does to jobs: refusals, limits, lost answers, outages. Nothing is lost, and nothing is bought twice.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { jobsOf, startJobs } from "./jobs.mjs";
import { once_ as once } from "./site.mjs";

const HOUR = 3_600_000;
const DREAM_MACHINE = ["dream-machine", "/dream-machine/v1/generations/video"];
const AGENTS = ["agents", "/agents/v1/generations"];

let site;
let jobs;
before(async () => {
  site = await startJobs({ env: { CALLER_LIMITS: { usdPerDay: 1000 } } });
  jobs = jobsOf(site);
});
after(() => site?.stop());
beforeEach(async () => {
  site.intercept = undefined;
  await site.change("DELETE FROM holds"); // what another test left
});

const MODELS = { "dream-machine": "ray-2", agents: "ray-3.2" };
const hand = async (provider, ...prompts) =>
  jobs.hand(
    prompts.map((prompt) => ({ model: MODELS[provider], prompt })),
    {},
    { provider },
  );
const posts = async () => (await site.received()).filter((call) => call.startsWith("POST")).length;
const events = ({ history }) => history.map(({ event }) => event);
const answer =
  (status, body, headers = {}) =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
/** How often creations were tried, whatever became of them. */
function strike(path, act) {
  const struck = { times: 0 };
  site.intercept = (request) => {
    if (request.method !== "POST" || !request.path.startsWith(path)) return undefined;
    struck.times++;
    return act(struck.times);
  };
  return struck;
}

test("a web page in the place of an answer does not tell a caller, or the log, where it came from", async () => {
  const page = (status) => (response) => response.writeHead(status, { "content-type": "text/html" }).end("<html>");
  strike(AGENTS[1], (times) => page(times === 1 ? 400 : 200));
  const [refused] = await hand("agents", "A lynx");
  assert.match((await jobs.end(refused.id)).error.message, /web page/);
  const [lost] = await hand("agents", "A lynx");
  assert.equal((await jobs.end(lost.id)).state, "unknown");
  assert.match(await site.line("web page"), /answer_lost/);
});

for (const [provider, path] of [DREAM_MACHINE, AGENTS]) {
  test(`${provider}: a refusal fails the job, in the provider's own words`, async () => {
    strike(path, () => answer(400, { detail: "The prompt names a brand" }));
    const [job] = await hand(provider, "A famous shoe");
    const { state, error, usd, history } = await jobs.end(job.id);
    assert.deepEqual([state, error.code, error.status, usd], ["failed", "invalid_request", 400, 0]);
    assert.match(error.message, /The prompt names a brand/);
    assert.match(history.at(-1).detail, /The prompt names a brand/);
  });

  test(`${provider}: a 429 holds the provider for as long as it says, and then the jobs are made`, async () => {
    const struck = strike(path, (times) => (times <= 2 ? answer(429, { detail: "later" }, { "retry-after": "1" }) : undefined));
    const before = await site.made();
    const handed = await hand(provider, "A stork", "A crane", "A heron");
    const made = await Promise.all(handed.map(({ id }) => jobs.until(id, ["queued", "dreaming"])));
    assert.equal(await site.made(), before + 3);
    assert.ok(struck.times >= 3 && struck.times <= 6, `${struck.times} creations`);
    assert.ok(made.some((job) => events(job).includes("held")));
  });

  test(`${provider}: a key that is rejected holds the provider, and fails no job`, async () => {
    const struck = strike(path, () => answer(401, { detail: "Invalid API key" }));
    const handed = await hand(provider, "A gull", "A tern");
    const held = await jobs.until(handed[0].id, (job) => events(job).includes("held"));
    assert.equal(held.state, "waiting");
    assert.match(held.history.at(-1).detail, /refused this server's key/);
    assert.ok(struck.times <= 2);
    for (const { id } of handed) assert.equal((await jobs.cancel(id)).status, 200, "and it can be withdrawn");
  });

  test(`${provider}: what the key or the credits do not allow one job does not keep the next one waiting`, async () => {
    const dear = (body) => String(body).includes("A dear quetzal");
    site.intercept = ({ method, path: at, body }) =>
      method === "POST" && at.startsWith(path) && dear(body) ? answer(402, { detail: "Insufficient credits" }) : undefined;
    const [first, second] = await hand(provider, "A dear quetzal", "A sparrow");
    await jobs.until(first.id, (job) => events(job).includes("held"));
    await site.change("UPDATE holds SET until = 0");
    await site.change(`UPDATE jobs SET due = 0 WHERE id = '${second.id}' AND stage = 'wait'`);
    await jobs.until(second.id, ["queued", "dreaming"]);
    const [third] = await hand(provider, "A wren"); // though the queue has nothing but what waits to be tried again
    await jobs.until(third.id, ["queued", "dreaming"]);
    assert.equal((await jobs.cancel(first.id)).json.state, "cancelled", "it waits still");
  });
}

test("a provider that asks not to be read for a day is read again within minutes", async () => {
  const [{ id }] = await hand("agents", "A slow loris");
  const { generation } = await jobs.until(id, ["queued", "dreaming"]);
  site.intercept = ({ path }) =>
    path.endsWith(generation.id) ? answer(429, { detail: "later" }, { "retry-after": String(86_400) }) : undefined;
  await site.change(`UPDATE jobs SET due = 0 WHERE id = '${id}' AND stage = 'poll'`);
  for (;;) {
    const [{ due, failures }] = await site.change(`SELECT due, failures FROM jobs WHERE id = '${id}'`);
    if (!failures) continue;
    assert.ok(due > Date.now() + 100_000 && due <= Date.now() + 300_000);
    return;
  }
});

test("a provider that does not answer a read of one job delays the end of no other", async () => {
  const [stuck, other] = await hand("agents", "A tortoise", "A hare");
  const { generation } = await jobs.until(stuck.id, ["queued", "dreaming"]);
  await jobs.until(other.id, ["queued", "dreaming"]);
  const held = [];
  site.intercept = ({ path }) => (path.endsWith(generation.id) ? (response) => held.push(response) : undefined);
  await site.simulator.advance(HOUR);
  await site.change("UPDATE jobs SET due = 0 WHERE stage = 'poll'"); // one poll of both
  assert.equal((await jobs.end(other.id)).state, "completed");
  assert.ok(held.length === 1 && !held[0].destroyed, "the other read is not answered, nor given up");
  site.intercept = undefined;
  held[0].destroy();
  assert.equal((await jobs.end(stuck.id)).state, "completed");
});

test("dream-machine: an answer that is lost is found, and the job is bought once", async () => {
  const before = await posts();
  site.intercept = once("POST", DREAM_MACHINE[1], "cut-after");
  const [job] = await hand("dream-machine", "A jaguar in the rain");
  await jobs.until(job.id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  assert.equal((await jobs.end(job.id)).state, "completed");
  assert.equal(await posts(), before + 1);
});

test("agents: an answer that is lost leaves the job unknown: it is kept, counted, and never sent again", async () => {
  const struck = strike(AGENTS[1], (times) => (times === 1 ? "cut-after" : undefined));
  const [lost] = await hand("agents", "A cheetah");
  const { state, error, usd, history } = await jobs.end(lost.id);
  assert.deepEqual([state, error.code, usd > 0], ["unknown", "unknown_outcome", true]);
  assert.deepEqual(
    history.map(({ event }) => event),
    ["submitted", "sent", "unknown"],
  );
  const [next] = await hand("agents", "A cheetah, again");
  await jobs.until(next.id, ["queued", "dreaming"]);
  assert.equal(struck.times, 2);
});

test("agents: an outage does not make every job unknown: after the first, one at a time is tried, ever more rarely", async () => {
  const struck = strike(AGENTS[1], () => answer(503, { detail: "down" }));
  const handed = await hand("agents", ...Array.from({ length: 40 }, (_, index) => `A moth ${index}`));
  /** How often the provider failed and was asked, while nothing is on its way. */
  const books = async () => {
    for (;;) {
      const { times } = struck;
      const [hold] = await site.change("SELECT failures FROM holds WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE stage = 'send')");
      if (hold && times === struck.times) return { failures: hold.failures, times };
    }
  };
  await jobs.end(handed[0].id);
  const first = await books();
  assert.ok(first.times <= 4 + first.failures - 1, `${first.times} at once`);
  await site.change("UPDATE holds SET until = 0");
  while (struck.times === first.times) await site.change("SELECT 1");
  for (const { id } of handed) await jobs.cancel(id);
  const last = await books();
  assert.equal(last.failures - first.failures, last.times - first.times, "one for each time that the provider was tried again");
  assert.ok(last.times < 40);
});

test("a provider that refuses for long is asked ever more rarely; then all jobs are made, each once", async () => {
  const before = await site.made();
  let isBusy = true;
  strike(DREAM_MACHINE[1], () => (isBusy ? answer(429, { detail: "busy" }) : undefined));
  const handed = await hand("dream-machine", "A newt", "A toad", "A frog", "A skink");
  /** The hold, once nothing is on its way. */
  const held = async (failures) => {
    for (;;) {
      const [hold] = await site.change("SELECT failures, until - unixepoch('subsec') * 1000 AS pause FROM holds");
      const isSending = (await site.change("SELECT 1 FROM jobs WHERE stage = 'send'")).length > 0;
      if (hold?.failures === failures && !isSending) return hold.pause;
    }
  };
  const pauses = [];
  for (let failures = 1; failures <= 5; failures++) {
    pauses.push(await held(failures));
    if (failures === 5) isBusy = false;
    await site.change("UPDATE holds SET until = 0");
  }
  for (const [index, pause] of pauses.entries()) {
    const whole = 2000 * 2 ** index;
    if (index > 0) assert.ok(pause > whole / 2 && pause <= whole, `${pauses}`);
  }
  await Promise.all(handed.map(({ id }) => jobs.until(id, ["queued", "dreaming"])));
  assert.equal(await site.made(), before + 4);
});

test("polls that fail are no failed jobs", async () => {
  const [job] = await hand("dream-machine", "A bison");
  await jobs.until(job.id, ["queued", "dreaming"]);
  let reads = 0;
  site.intercept = ({ method }) => {
    if (method !== "GET" || reads === 3) return undefined;
    return [answer(500, {}), "cut", answer(401, { detail: "Invalid API key" })][reads++];
  };
  await site.simulator.advance(HOUR);
  while (reads < 3) await site.change(`UPDATE jobs SET due = 0 WHERE id = '${job.id}' AND stage = 'poll'`);
  await site.change(`UPDATE jobs SET due = 0 WHERE id = '${job.id}' AND stage = 'poll'`);
  assert.equal((await jobs.end(job.id)).state, "completed");
});

test("a job that the provider no longer knows is given up, but not within a minute: a gateway may not know it for a while", async () => {
  const [job] = await hand("agents", "A dodo");
  const { generation } = await jobs.until(job.id, ["queued", "dreaming"]);
  site.intercept = ({ method, path }) =>
    method === "GET" && path.endsWith(generation.id) ? answer(404, { detail: "Generation not found" }) : undefined;
  await site.change(`UPDATE jobs SET made = made - ${HOUR}, due = 0 WHERE id = '${job.id}'`);
  // The test skips each pause, and adds it up.
  let missing = 0;
  for (let read = 1; ; read++) {
    let row;
    do [row] = await site.change(`SELECT stage, due, failures FROM jobs WHERE id = '${job.id}'`);
    while (row.stage === "poll" && row.failures < read);
    if (row.stage !== "poll") break;
    missing += row.due - Date.now();
    await site.change(`UPDATE jobs SET due = 0 WHERE id = '${job.id}'`);
  }
  assert.ok(missing > 60_000, `it was given up after ${missing} ms`);
  const { state, error } = await jobs.end(job.id);
  assert.deepEqual([state, error.code], ["failed", "not_found"]);
});

test("a job that never ends is given up after a day, and its place is free", async () => {
  const [job] = await hand("agents", "A sloth");
  await jobs.until(job.id, ["queued", "dreaming"]);
  await site.change(`UPDATE jobs SET made = made - ${25 * HOUR}, due = 0 WHERE id = '${job.id}'`);
  const { state, error, generation } = await jobs.end(job.id);
  assert.deepEqual([state, error.code, typeof generation.id], ["failed", "timeout", "string"]);
});

test("one list serves all jobs at Dream Machine that are due", async () => {
  const handed = await hand("dream-machine", ...Array.from({ length: 20 }, (_, index) => `A sheep ${index}`));
  await Promise.all(handed.map(({ id }) => jobs.until(id, ["queued", "dreaming"])));
  await site.simulator.advance(HOUR);
  const before = await site.received();
  await site.change("UPDATE jobs SET due = 0 WHERE stage = 'poll'");
  await Promise.all(handed.map(({ id }) => jobs.end(id)));
  const reads = (await site.received()).slice(before.length).filter((call) => call.startsWith("GET /dream"));
  assert.deepEqual(new Set(reads), new Set(["GET /dream-machine/v1/generations?limit=100&offset=0"]));
  assert.ok(reads.length <= 3, reads.join());
});

test("a provider that answers no read delays no job of another's, however many of its own are due", async () => {
  const requests = Array.from({ length: 510 }, (_, index) => ({
    generation_type: "image",
    model: "photon-flash-1",
    prompt: `A plover, ${index}`,
  }));
  const last = (await jobs.hand(requests)).at(-1);
  await jobs.until(last.id, ["queued", "dreaming"]);
  const held = [];
  const isHeld = new Promise((resolve) => {
    site.intercept = ({ method, path }) =>
      method === "GET" && path.startsWith("/dream-machine/") ? (response) => resolve(held.push(response)) : undefined;
  });
  await site.change("UPDATE jobs SET due = 0 WHERE stage = 'poll'");
  await isHeld;
  const [job] = await hand("agents", "A plover");
  await jobs.until(job.id, ["queued", "dreaming"]);
  await site.simulator.advance(HOUR);
  assert.equal((await jobs.end(job.id)).state, "completed");
  site.intercept = undefined;
  for (const response of held) response.writeHead(503).end();
});
