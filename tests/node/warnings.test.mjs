// What is told before a request is sent, through the public face: what cannot be sent as it is, and what was surely meant otherwise.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

const HALF = "A tiger 🐅".slice(0, -1);
const PICTURE = "https://example.com/a.jpg";

function world(options) {
  const simulator = createSimulator({ clock: "auto", seed: 7 });
  const events = [];
  const onEvent = (event) => events.push(event);
  const client = createClient({ apiKey: "luma-test", fetch: simulator.fetch, clock: simulator.clock, onEvent, ...options });
  const told = () => events.filter(({ type }) => type === "warning").map(({ path, code }) => [path, code]);
  const posts = async () => (await simulator.requests()).filter(({ method }) => method === "POST");
  return { client, told, posts };
}

test("half of a character, and a number that JSON has not, are told with their path and never sent", async () => {
  const { client, posts } = world();
  for (const [request, path, code] of [
    [{ model: "ray-2", prompt: HALF }, "prompt", "invalid_value"],
    [{ model: "ray-2", prompt: "\udc05 tiger" }, "prompt", "invalid_value"],
    [{ model: "ray-2", prompt: "A tiger", newer: { deep: [HALF] } }, "newer.deep[0]", "invalid_value"],
    [{ model: "ray-2", prompt: "A tiger", concepts: [{ key: HALF }] }, "concepts[0].key", "invalid_value"],
    [{ model: "photon-1", prompt: "A tiger", image_ref: [{ url: PICTURE, weight: Number.NaN }] }, "image_ref[0].weight", "invalid_type"],
    [{ model: "photon-1", prompt: "A tiger", sync_timeout: Number.POSITIVE_INFINITY }, "sync_timeout", "invalid_type"],
    [{ model: "ray-2", prompt: "A tiger", seed: Number.NEGATIVE_INFINITY }, "seed", "invalid_type"],
  ]) {
    const found = (problems) => problems.map((problem) => [problem.path, problem.code]);
    assert.deepEqual(found(await client.validate(request)), [[path, code]]);
    await assert.rejects(client.generate(request), (error) => {
      assert.equal(error.code, "invalid_request");
      assert.deepEqual(found(error.problems), [[path, code]]);
      return true;
    });
  }
  const done = await client.generate({ model: "ray-2", prompt: "A whole 🐅" });
  await assert.rejects(client.addAudio(done, { prompt: HALF }), { code: "invalid_request" });
  assert.equal((await posts()).length, 1);
});

test("unchecked, half of a character goes out as it is, and a number that JSON has not is still told", async () => {
  const { client, posts } = world({ validate: false });
  await client.create({ model: "ray-2", prompt: HALF }).catch(() => {});
  assert.equal((await posts()).length, 1);
  await assert.rejects(client.create({ model: "ray-2", prompt: "A tiger", seed: Number.NaN }), { code: "invalid_request" });
});

test("what was surely meant otherwise is sent, and told by an event and by validate", async () => {
  const { client, told, posts } = world();
  const request = { model: "ray-2", prompt: "A tiger", aspectRatio: "1:1", image_url: PICTURE, duration: 5 };
  const expected = [
    ["duration", "suspicious"],
    ["aspectRatio", "suspicious"],
    ["image_url", "suspicious"],
  ];
  assert.deepEqual(
    (await client.validate(request)).map(({ path, code }) => [path, code]),
    expected,
  );
  assert.deepEqual(told(), [], "nothing was sent yet");
  await client.estimate(request);
  assert.deepEqual(told(), []);
  await client.create(request);
  assert.deepEqual(told(), expected);
  assert.equal(JSON.parse((await posts())[0].body).aspectRatio, "1:1");
});

test("a picture as a keyframe does without a prompt", async () => {
  const { client, told } = world();
  const made = await client.generate({ model: "ray-2", keyframes: { frame0: { type: "image", url: PICTURE } } });
  assert.equal(made.state, "completed");
  assert.deepEqual(told(), []);
});

/** A list of seven jobs that says as much of itself as it is told to. */
function listing(says, limit = Number.POSITIVE_INFINITY) {
  const jobs = Array.from({ length: 7 }, (_, n) => ({ id: `job-${n}`, state: "completed" }));
  let asked = 0;
  const fetch = async (url) => {
    asked += 1;
    const query = new URL(url).searchParams;
    const [offset, most] = [Number(query.get("offset")), Math.min(limit, Number(query.get("limit")))];
    const generations = jobs.slice(offset, offset + most);
    return Response.json({ generations, ...says({ generations, offset, all: jobs.length }) });
  };
  return { client: createClient({ apiKey: "luma-test", fetch }), asked: () => asked };
}

test("listAll goes on whether or not the list says that there is more", async () => {
  for (const [what, says, limit, most] of [
    ["has_more", ({ generations, offset, all }) => ({ has_more: offset + generations.length < all }), undefined, 4],
    ["nothing", () => ({}), undefined, 4],
    ["count of the page", ({ generations }) => ({ count: generations.length }), undefined, 4],
    ["count of all", ({ all, offset }) => ({ count: all, offset }), undefined, 4],
    ["limit of its own", () => ({ limit: 1 }), 1, 9],
  ]) {
    const { client, asked } = listing(says, limit);
    const ids = [];
    for await (const { id } of client.listAll({ limit: 2 })) ids.push(id);
    assert.equal(ids.length, 7, what);
    assert.ok(asked() <= most, `${what}: ${asked()} requests`);
  }
});

test("listAll ends where a list gives one page for ever", async () => {
  const fetch = async () => Response.json({ generations: [{ id: "job-0", state: "completed" }], has_more: true });
  const ids = [];
  for await (const { id } of createClient({ apiKey: "luma-test", fetch }).listAll({ limit: 1 })) ids.push(id);
  assert.deepEqual(ids, ["job-0"]);
});

test("a lost creation is recognised in the list though the server keeps its prompt trimmed, in LF and in another normal form", async () => {
  const prompt = "  \ufeffCaf\u00e9\r\n\ufb01fty tigers ";
  const simulator = createSimulator({ clock: "auto", seed: 7, faults: "create:cut-after@1" });
  const fetch = async (url, init) => {
    const answer = await simulator.fetch(url, init);
    if (!String(url).includes("/generations?")) return answer;
    const page = await answer.json();
    for (const { request } of page.generations) request.prompt = "Cafe\u0301\nfifty tigers";
    return Response.json(page, { headers: answer.headers });
  };
  const client = createClient({ apiKey: "luma-test", fetch, clock: simulator.clock });
  const made = await client.generate({ model: "ray-2", prompt });
  assert.equal(made.state, "completed");
  assert.equal((await simulator.requests()).filter(({ method }) => method === "POST").length, 1);
});
