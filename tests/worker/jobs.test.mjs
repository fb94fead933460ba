// Jobs that are handed over: all of them or none, once for one key, each its caller's own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { jobsOf, startJobs } from "./jobs.mjs";
import { ANNE, BOB } from "./site.mjs";

const CAROL = "token-of-carol-0123456789abcdef";

let site;
let jobs;
before(async () => {
  const [anne, bob, carol] = callers([ANNE, BOB, CAROL]);
  site = await startJobs({ env: { CALLERS: [anne, { ...bob, limits: { jobsAtOnce: 1 } }, { ...carol, limits: { jobsAtOnce: 0 } }] } });
  jobs = jobsOf(site);
});
after(() => site?.stop());

/** Carol's jobs wait for ever. */
const carols = { token: CAROL };
const request = (prompt) => ({ model: "ray-2", prompt });
const requests = (count, name) => Array.from({ length: count }, (_, index) => request(`${name} ${index}`));
const paths = ({ json }) => json.problems.map(({ path }) => path);

test("a job that is handed over is made and delivered, and each step has its time", async () => {
  const { status, json, text } = await jobs.submit({ request: request("A tiger"), label: "first" });
  assert.equal(status, 202, text);
  const [job] = json.jobs;
  assert.match(job.id, /^job_[\w-]{22}$/);
  const { created_at, updated_at, ...shown } = job;
  assert.deepEqual(shown, {
    id: job.id,
    provider: "dream-machine",
    state: "waiting",
    label: "first",
    request: request("A tiger"),
    position: 1,
    usd: 0.71,
  });
  assert.equal(created_at, updated_at);
  assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000);
  await jobs.until(job.id, ["queued", "dreaming"]);
  await site.simulator.advance(3_600_000);
  const done = await jobs.end(job.id);
  assert.equal(done.state, "completed");
  assert.match(done.generation.assets.video, /^https:/);
  assert.equal(done.generation.raw.id, done.generation.id);
  assert.equal(done.position, undefined);
  assert.deepEqual(
    done.history.map(({ event }) => event).filter((event) => event !== "dreaming"),
    ["submitted", "sent", "queued", "made", "completed"],
  );
  const times = done.history.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  assert.equal((await site.call(`/luma/generations/${done.generation.id}`)).status, 200, "it is the caller's");
});

test("many are taken in their order, and wait in it", async () => {
  const { status, json } = await jobs.submit({ requests: requests(250, "A lynx") }, carols);
  assert.equal(status, 202);
  assert.deepEqual(
    json.jobs.map(({ request: { prompt }, position }) => [prompt, position]),
    Array.from({ length: 250 }, (_, index) => [`A lynx ${index}`, index + 1]),
  );
  assert.equal(new Set(json.jobs.map(({ id }) => id)).size, 250);
  assert.equal((await jobs.get(json.jobs[99].id, carols)).position, 100);
});

test("one that is wrong, and none is taken; every problem has its path", async () => {
  const before = (await jobs.list("?limit=1")).jobs[0].id;
  const many = requests(5, "A puma");
  many[3] = { model: "ray-2", prompt: 5, keyframes: { frame0: { type: "image", url: "http://10.0.0.1/a.jpg" } } };
  many[4] = { ...many[4], colour: "red" };
  const wrong = await jobs.submit({ requests: many });
  assert.equal(wrong.status, 422);
  assert.deepEqual(paths(wrong), ["requests[3].prompt", "requests[3].keyframes.frame0.url", "requests[4].colour"]);
  assert.match(wrong.json.detail, /requests\[4\]\.colour: is not a field/);
  for (const [body, path] of [
    [{}, "requests"],
    [{ request: request("A puma"), requests: many }, "requests"],
    [{ requests: [] }, "requests"],
    [{ requests: { length: 1 } }, "requests"],
    [{ requests: Array(10_001).fill(request("A puma")) }, "requests"],
    [{ requests: [null] }, "requests[0]"],
    [{ request: "A puma" }, "request"],
    [{ request: { model: "ray-9", prompt: "A puma" } }, "request.model"],
    [{ request: { generation_type: "upscale_video", resolution: "4k" } }, "request.generation_type"],
    [{ request: request("A puma"), provider: "constructor" }, "provider"],
    [{ request: request("A puma"), provider: 5 }, "provider"],
    [{ request: request("A puma"), label: "" }, "label"],
    [{ request: request("A puma"), label: "x".repeat(201) }, "label"],
    [{ request: request("A puma"), webhook: "https://example.com/" }, "webhook"],
    [{ request: request("A puma"), price: 0 }, "price"],
  ]) {
    const answer = await jobs.submit(body);
    assert.equal(answer.status, 422, JSON.stringify(body).slice(0, 200));
    assert.deepEqual(paths(answer), [path]);
  }
  assert.equal((await jobs.list("?limit=1")).jobs[0].id, before);
});

test("of a thousand wrong requests the first problems are told", async () => {
  const { status, json } = await jobs.submit({ requests: Array(1000).fill({}) });
  assert.equal(status, 422);
  assert.equal(json.problems.length, 100);
  assert.match(json.detail, /; and 900 more$/);
});

test("what a request builds on must be the caller's own", async () => {
  const bobs = await site.create({ prompt: "A caracal" }, { token: BOB });
  const extended = { ...request("A caracal"), keyframes: { frame0: { type: "generation", id: bobs.json.id } } };
  const foreign = await jobs.submit({ requests: [request("A lion"), extended] });
  assert.deepEqual([foreign.status, paths(foreign)], [422, ["requests[1].keyframes.frame0.id"]]);
  const unknown = { ...extended, keyframes: { frame0: { type: "generation", id: "00000000-0000-0000-0000-000000000000" } } };
  const { json } = await jobs.submit({ requests: [request("A lion"), unknown] });
  assert.deepEqual(json, foreign.json, "in the same words as for one that does not exist");
  assert.equal((await jobs.submit({ request: extended }, { token: BOB })).status, 202);
});

test("the same key and body give the same jobs, another body is refused, another caller's key is another key", async () => {
  const body = { requests: requests(3, "A serval"), label: "keyed" };
  const answers = await Promise.all(Array.from({ length: 5 }, () => jobs.submit(body, { ...carols, key: "serval" })));
  answers.push(await jobs.submit(`{"label":"keyed","requests":${JSON.stringify(body.requests)}}`, { ...carols, key: "serval" }));
  const ids = answers.map(({ status, json }) => `${status} ${json.jobs.map(({ id }) => id)}`);
  assert.equal(new Set(ids).size, 1);
  assert.match(ids[0], /^202 job_/);
  const other = await jobs.submit({ ...body, label: "other" }, { ...carols, key: "serval" });
  assert.deepEqual([other.status, other.json.code], [409, "idempotency"]);
  assert.equal((await jobs.list("?label=keyed", carols)).jobs.length, 3);
  const again = await jobs.submit(body, carols);
  assert.notEqual(again.json.jobs[0].id, answers[0].json.jobs[0].id, "without a key it is another submission");
  const mine = await jobs.submit({ request: request("A serval") }, { key: "serval" });
  assert.equal(mine.status, 202);
});

test("a key gives its jobs also once they are made and, with what was made of them, larger than an answer of the queue may be", async () => {
  const body = { requests: requests(1500, "A margay"), label: "large" };
  const first = await jobs.submit(body, { ...carols, key: "margay" });
  const generation = JSON.stringify({ id: "g-1", provider: "agents", state: "completed", assets: {}, raw: { text: "x".repeat(30_000) } });
  await site.change(`UPDATE jobs SET state = 'completed', stage = 'end', generation = '${generation}' WHERE label = 'large'`);
  const again = await jobs.submit(body, { ...carols, key: "margay" });
  assert.equal(again.status, 202, again.text);
  const ids = ({ json }) => json.jobs.map(({ id }) => id);
  assert.deepEqual(ids(again), ids(first));
  assert.equal(again.json.jobs[0].state, "completed");
});

test("what was taken with a key is not checked again: what it builds on may be gone", async () => {
  const base = await site.create({ prompt: "A bobcat" });
  const body = { request: { ...request("A bobcat"), keyframes: { frame0: { type: "generation", id: base.json.id } } } };
  const first = await jobs.submit(body, { key: "bobcat" });
  assert.equal(first.status, 202);
  await site.account(`DELETE FROM owned WHERE id = '${base.json.id}'`); // as after its time
  assert.equal((await jobs.submit(body)).status, 422);
  const again = await jobs.submit(body, { key: "bobcat" });
  assert.deepEqual([again.status, again.json.jobs?.[0].id], [202, first.json.jobs[0].id]);
});

test("another caller's job is as one that does not exist", async () => {
  const { json } = await jobs.submit({ request: request("A margay") }, carols);
  const [{ id }] = json.jobs;
  const words = (await site.call(`/jobs/job_${"0".repeat(22)}`)).text;
  for (const more of [{}, { method: "DELETE" }]) {
    const { status, text } = await site.call(`/jobs/${id}`, more);
    assert.deepEqual([status, text], [404, words]);
  }
  assert.equal((await jobs.get(id, carols)).state, "waiting");
});

test("a job that waits is withdrawn, one that was sent is not", async () => {
  const { json } = await jobs.submit({ requests: requests(3, "An ocelot") }, carols);
  const [first, second, third] = json.jobs;
  const before = (await jobs.get(third.id, carols)).position;
  const withdrawn = await jobs.cancel(second.id, carols);
  assert.deepEqual([withdrawn.status, withdrawn.json.state, withdrawn.json.position], [200, "cancelled", undefined]);
  assert.deepEqual([second.usd > 0, withdrawn.json.usd], [true, 0], "it counts nothing any more");
  const { state, history } = await jobs.get(second.id, carols);
  assert.deepEqual([state, history.map(({ event }) => event)], ["cancelled", ["submitted", "cancelled"]]);
  assert.equal((await jobs.get(third.id, carols)).position, before - 1);
  const again = await jobs.cancel(second.id, carols);
  assert.deepEqual([again.status, again.json.code], [409, "already_ended"]);
  assert.equal((await jobs.get(first.id, carols)).state, "waiting");

  const sent = (await jobs.submit({ request: request("An oncilla") })).json.jobs[0];
  await jobs.until(sent.id, ["queued", "dreaming"]);
  const late = await jobs.cancel(sent.id);
  assert.deepEqual([late.status, late.json.code], [409, "already_sent"]);
  assert.notEqual((await jobs.get(sent.id)).state, "cancelled");
});

test("a job that is withdrawn as it is sent is one or the other: what was withdrawn is never bought", async () => {
  const before = (await site.received()).filter((call) => call.startsWith("POST")).length;
  const { json } = await jobs.submit({ requests: requests(60, "A kodkod") });
  const answers = await Promise.all(json.jobs.map(({ id }) => jobs.cancel(id)));
  const withdrawn = answers.filter(({ status }) => status === 200).length;
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
  for (const [index, { id }] of json.jobs.entries()) if (answers[index].status === 409) await jobs.until(id, ["queued", "dreaming"]);
  const sent = (await site.received()).filter((call) => call.startsWith("POST")).length - before;
  assert.equal(sent, 60 - withdrawn);
});

test("a list has pages, the newest first, by state and label", async () => {
  const labels = ["red", "blue"];
  for (const label of labels) await jobs.submit({ requests: requests(7, label), label }, carols);
  const found = [];
  let query = "?limit=5&label=blue";
  do {
    const { jobs: page, cursor } = await jobs.list(query, carols);
    assert.ok(page.length <= 5);
    found.push(...page);
    query = cursor && `?limit=5&label=blue&cursor=${cursor}`;
  } while (query);
  assert.deepEqual(
    found.map(({ request: { prompt } }) => prompt),
    Array.from({ length: 7 }, (_, index) => `blue ${6 - index}`),
  );
  const positions = found.map(({ position }) => position);
  assert.deepEqual(
    positions,
    positions.map((_, index) => positions[0] - index),
  );
  await jobs.cancel(found[0].id, carols);
  const ids = async (query) => (await jobs.list(query, carols)).jobs.map(({ id }) => id);
  assert.deepEqual(await ids("?label=blue&state=cancelled"), [found[0].id]);
  assert.ok((await ids("?state=cancelled")).includes(found[0].id));
  assert.ok(!(await ids("?state=waiting&limit=100")).includes(found[0].id));
  assert.equal((await jobs.list("", carols)).jobs.length, 20);
  assert.deepEqual((await jobs.list("?label=nowhere", carols)).jobs, []);
  for (const wrong of ["limit=0", "limit=101", "limit=x", "state=lost", "label=", "cursor=-1", "colour=red", "limit=1&limit=2"])
    assert.equal((await site.call(`/jobs?${wrong}`)).status, 400, wrong);
});

test("what is not of this API is refused as elsewhere", async () => {
  assert.equal((await site.call("/jobs", { token: "guess" })).status, 401);
  assert.equal((await site.call("/jobs", { method: "PUT", body: {} })).status, 405);
  assert.equal((await site.call(`/jobs/job_${"0".repeat(22)}`, { method: "PUT", body: {} })).status, 405);
  for (const path of [
    "/jobs/",
    "/jobs/1",
    "/jobs/%2e%2e",
    `/jobs/job_${"0".repeat(22)}/more`,
    "/jobs/job_%00",
    `/jobs/job_${"0".repeat(23)}`,
  ])
    assert.equal((await site.call(path)).status, 404, path);
  for (const name of ["toString", "__proto__"])
    assert.equal((await site.call(`/jobs?${name}=1`)).json.detail, "A parameter of the address is not known.");
  assert.equal((await jobs.submit("{")).status, 400);
  assert.equal((await jobs.submit("[]")).status, 400);
  assert.equal((await jobs.submit({ request: request("A lion") }, { headers: { "content-type": "text/plain" } })).status, 415);
  const large = `POST /jobs HTTP/1.1\nhost: localhost\nauthorization: Bearer ${ANNE}\ncontent-type: application/json\ncontent-length: 10000001\n\n{`;
  assert.equal((await site.raw(large)).status, 413);
  assert.equal((await jobs.submit({ request: request("A lion") }, { key: "a key" })).status, 400);
  const page = await jobs.submit({ request: request("A lion") }, { headers: { origin: "https://evil.example.com" } });
  assert.equal(page.status, 403);
});

test("of a caller that is no longer in the settings nothing is sent, not even what a crash cut off on its way", async () => {
  const before = await site.made();
  const [{ id }] = await jobs.hand([request("A job of one who left")], carols);
  await site.change(
    `UPDATE jobs SET caller = 'dave', stage = 'send', due = 0, last_sent = ${Date.now()}, first_sent = 0 WHERE id = '${id}'`,
  );
  for (let stage = "send"; stage === "send"; ) [{ stage }] = await site.change(`SELECT stage FROM jobs WHERE id = '${id}'`);
  const [row] = await site.change(`SELECT stage, state FROM jobs WHERE id = '${id}'`);
  assert.deepEqual(row, { stage: "wait", state: "waiting" });
  assert.equal(await site.made(), before);
});

test("thousands of problems in one request are a refusal", async () => {
  const wrong = { ...request("A tiger"), concepts: Array.from({ length: 300_000 }, () => 1) };
  const { status, json } = await jobs.submit({ requests: [request("A lion"), wrong] });
  assert.deepEqual([status, json.problems.map(({ path }) => path)], [422, ["requests[1]"]]);
});
