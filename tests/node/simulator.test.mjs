// The simulator's face: a fetch, a clock, callbacks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createSimulator } from "luma-edge/simulator";

const ROOT = "https://api.lumalabs.ai/dream-machine/v1";
const headers = { authorization: "Bearer k", "content-type": "application/json" };
const video = { method: "POST", headers, body: JSON.stringify({ model: "ray-2", prompt: "A heron on one leg" }) };

const create = (simulator, init = video) => simulator.fetch(`${ROOT}/generations/video`, init);
const get = async (simulator, id) => (await simulator.fetch(`${ROOT}/generations/${id}`, { headers })).json();
/** Whether a promise has settled, after all that can happen without time has happened. */
const settled = async (promise) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    Promise.resolve(false),
  ]);
};

test("fetch gives real Responses, whatever it is called with", async () => {
  const simulator = createSimulator({ clock: "auto" });
  const calls = [
    [`${ROOT}/ping`, { headers }],
    [new URL(`${ROOT}/ping`), { headers }],
    [new Request(`${ROOT}/ping`, { headers })],
    [new Request(`${ROOT}/ping`), { headers }],
    [new Request(`${ROOT}/ping`, { headers }), { BINDING: "a Worker's" }, { waitUntil() {} }],
  ];
  for (const call of calls) {
    const response = await simulator.fetch(...call);
    assert.ok(response instanceof Response);
    assert.equal(response.status, 200);
    assert.equal(response.url, `${ROOT}/ping`);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), { message: "pong" });
  }
  const made = await create(simulator);
  assert.equal(made.status, 201);
  const gone = await simulator.fetch(`${ROOT}/generations/${(await made.json()).id}`, { method: "DELETE", headers });
  assert.deepEqual([gone.status, gone.body], [204, null]);
  const [request] = (await simulator.requests()).filter(({ route }) => route === "video");
  assert.deepEqual([request.method, request.path, request.body], ["POST", "/dream-machine/v1/generations/video", video.body]);
});

test("a manual clock moves only when it is told", async () => {
  const simulator = createSimulator({ clock: "manual", durations: 60_000, latency: 50 });
  const start = simulator.now();
  assert.equal(start, Date.UTC(2026, 0, 1));
  const pending = create(simulator);
  assert.equal(await settled(pending), false);
  await simulator.advance(49);
  assert.equal(await settled(pending), false);
  await simulator.advance(1);
  const { id, state, created_at } = await (await pending).json();
  assert.deepEqual([state, created_at, simulator.now() - start], ["queued", "2026-01-01T00:00:00.000000Z", 50]);

  const woken = [];
  const sleep = (ms) => simulator.clock.sleep(ms).then(() => woken.push([ms, simulator.now() - start - 50]));
  for (const ms of [300, 100, 200, 100]) sleep(ms);
  // What follows from one waking happens before the next.
  simulator.clock.sleep(150).then(() => sleep(20));
  await simulator.advance(250);
  assert.deepEqual(woken, [
    [100, 100],
    [100, 100],
    [20, 170],
    [200, 200],
  ]);
  assert.equal(simulator.now() - start, 300);

  await Promise.all([simulator.advance(30_000), simulator.advance(30_000)]);
  assert.deepEqual(woken.at(-1), [300, 300]);
  const finished = get(simulator, id);
  await simulator.advance(50);
  assert.equal((await finished).state, "completed");
});

test("an auto clock goes on whenever everybody waits", async () => {
  const began = performance.now();
  const day = async () => {
    const simulator = createSimulator({ clock: "auto", start: new Date("2026-03-01T00:00:00Z"), limits: "none" });
    const poll = async (n) => {
      const { id } = await (await create(simulator)).json();
      for (;;) {
        await simulator.clock.sleep(1_000 + n);
        const { state } = await get(simulator, id);
        if (state === "completed") return [id, simulator.now()];
      }
    };
    const ends = await Promise.all(Array.from({ length: 20 }, (_, n) => poll(n)));
    return { ends, now: simulator.now() };
  };
  const first = await day();
  assert.ok(first.now - Date.UTC(2026, 2, 1) > 60_000, "a minute and more went by");
  assert.deepEqual(await day(), first, "each run is the same");
  assert.ok(performance.now() - began < 10_000, "and took no time to speak of");
});

test("real time is sped up, and can skip ahead", async () => {
  const simulator = createSimulator({ clock: 1_000, durations: 60_000 });
  assert.ok(Math.abs(simulator.now() - Date.now()) < 5_000 * 1_000);
  const { id } = await (await create(simulator)).json();
  await simulator.clock.sleep(60_000);
  assert.equal((await get(simulator, id)).state, "completed");

  const slow = createSimulator({ durations: 3_600_000, latency: 3_600_000 });
  const pending = create(slow);
  await settled(pending);
  await slow.advance(3_600_000);
  const done = await (await pending).json();
  assert.equal((await slow.generations())[0].id, done.id);
  assert.equal((await slow.generations())[0].state, "completed");
});

test("an abort is felt at once, with its reason", async () => {
  const simulator = createSimulator({ clock: "manual", faults: "list:silence" });
  const reason = new Error("changed my mind");
  await assert.rejects(simulator.fetch(`${ROOT}/ping`, { headers, signal: AbortSignal.abort(reason) }), reason);
  for (const path of ["/ping", "/generations"]) {
    const controller = new AbortController();
    const pending = simulator.fetch(`${ROOT}${path}`, { headers, signal: controller.signal });
    assert.equal(await settled(pending), false);
    controller.abort();
    await assert.rejects(pending, { name: "AbortError" });
  }
  const controller = new AbortController();
  const sleep = simulator.clock.sleep(1_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleep, reason);
  // Aborted before the module was even there: it is not waited for.
  const early = new AbortController();
  const pending = createSimulator({ clock: "manual" }).fetch(`${ROOT}/ping`, { signal: early.signal });
  early.abort(reason);
  await assert.rejects(pending, reason);
});

test("faults look as they do over a wire", async () => {
  const broken = async (fault) => {
    const simulator = createSimulator({ clock: "auto", faults: `create:${fault}` });
    try {
      const response = await create(simulator);
      return [response.status, response.headers.get("content-type"), await response.text()];
    } catch (error) {
      assert.ok(error instanceof TypeError);
      return [error.message, error.cause.code, (await simulator.generations()).length];
    }
  };
  assert.deepEqual(await broken("refused"), ["fetch failed", "ECONNREFUSED", 0]);
  assert.deepEqual(await broken("cut"), ["fetch failed", "UND_ERR_SOCKET", 0]);
  assert.deepEqual(await broken("cut-after"), ["fetch failed", "UND_ERR_SOCKET", 1]);
  assert.deepEqual(await broken("truncated"), ["terminated", "UND_ERR_SOCKET", 1]);
  assert.deepEqual(await broken("empty"), [201, "application/json", ""]);
  assert.deepEqual((await broken("html=502")).slice(0, 2), [502, "text/html; charset=utf-8"]);
  assert.deepEqual(await broken("503"), [503, "application/json", '{"detail":"Simulated fault"}']);

  const simulator = createSimulator({ clock: "auto", faults: [{ on: "create", kind: "truncated" }] });
  const response = await create(simulator);
  const reader = response.body.getReader();
  const { value } = await reader.read();
  assert.equal(value.length, Math.ceil(Number(response.headers.get("content-length")) / 2));
  await assert.rejects(reader.read(), TypeError);
});

test("silence lasts until time is up, even on an auto clock", async () => {
  const simulator = createSimulator({ clock: "auto", faults: "ping:silence" });
  const controller = new AbortController();
  const pending = simulator.fetch(`${ROOT}/ping`, { headers, signal: controller.signal });
  await simulator.clock.sleep(60_000);
  assert.equal(await settled(pending), false);
  controller.abort();
  await assert.rejects(pending, { name: "AbortError" });
});

test("files can be fetched in parts, and their links expire", async () => {
  const simulator = createSimulator({ clock: "auto", durations: 1_000, assetTtl: 10_000, baseUrl: "https://example.com/sim" });
  const body = JSON.stringify({ model: "photon-1", prompt: "A heron", aspect_ratio: "1:1", format: "png", sync: true });
  const image = await (await simulator.fetch(`${ROOT}/generations/image`, { method: "POST", headers, body })).json();
  const url = image.assets.image;
  assert.ok(url.startsWith(`https://example.com/sim/storage/${image.id}/image.png?`), url);
  const part = await simulator.fetch(url, { headers: { range: "bytes=0-7" } });
  assert.equal(part.status, 206);
  assert.deepEqual([...new Uint8Array(await part.arrayBuffer())], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const head = await simulator.fetch(url, { method: "HEAD" });
  assert.ok(Number(head.headers.get("content-length")) > 1_000);
  assert.equal(head.body, null);
  await simulator.advance(10_000);
  assert.equal((await simulator.fetch(url)).status, 403);
  assert.equal((await simulator.stats()).keyLeaks, 0);
});

test("callbacks are delivered in order, and tried again", async () => {
  const seen = [];
  const simulator = createSimulator({
    clock: "auto",
    durations: 60_000,
    deliver: async (url, { method, headers, body }) => {
      const { state } = JSON.parse(body);
      seen.push([url, method, headers["content-type"], state, simulator.now() - Date.UTC(2026, 0, 1)]);
      if (seen.length === 1) throw new TypeError("fetch failed");
      return new Response(null, { status: seen.length === 3 ? 500 : 200 });
    },
  });
  const body = JSON.stringify({ model: "ray-2", prompt: "A heron", callback_url: "https://example.com/hook" });
  await create(simulator, { ...video, body });
  await simulator.clock.sleep(120_000);
  const call = (state, at) => ["https://example.com/hook", "POST", "application/json", state, at];
  assert.deepEqual(seen, [call("dreaming", 3_000), call("dreaming", 3_100), call("completed", 60_000), call("completed", 60_100)]);
  assert.deepEqual((await simulator.stats()).callbacks, { sent: 4, delivered: 2, givenUp: 0 });
});

test("the function that delivers callbacks is called as one of nobody", async () => {
  const simulator = createSimulator({
    clock: "auto",
    async deliver() {
      if (this !== undefined) throw new TypeError("Illegal invocation");
      return new Response();
    },
  });
  const body = JSON.stringify({ model: "ray-2", prompt: "A heron", callback_url: "https://example.com/hook" });
  await create(simulator, { ...video, body });
  await simulator.clock.sleep(600_000);
  assert.deepEqual((await simulator.stats()).callbacks, { sent: 2, delivered: 2, givenUp: 0 });
});

test("a receiver may itself ask the simulator before it answers", async () => {
  const states = [];
  const simulator = createSimulator({
    clock: "auto",
    deliver: async (url, { body }) => {
      states.push((await get(simulator, JSON.parse(body).id)).state);
      return new Response();
    },
  });
  const body = JSON.stringify({ model: "ray-2", prompt: "A heron", callback_url: "https://example.com/hook" });
  await create(simulator, { ...video, body });
  await simulator.clock.sleep(600_000);
  assert.deepEqual(states, ["dreaming", "completed"]);
});

test("callbacks go out by the global fetch", async () => {
  const seen = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push([request.method, request.url, JSON.parse(body).state]);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const simulator = createSimulator({ clock: "manual", durations: 60_000 });
  const callback_url = `http://127.0.0.1:${server.address().port}/hook`;
  const pending = create(simulator, { ...video, body: JSON.stringify({ model: "ray-2", prompt: "A heron", callback_url }) });
  await simulator.advance(60_000);
  await pending;
  while ((await simulator.stats()).callbacks.delivered < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(seen, [
    ["POST", "/hook", "dreaming"],
    ["POST", "/hook", "completed"],
  ]);
  server.close();
  server.closeAllConnections();
});

test("a wrong option is told of", async () => {
  assert.throws(() => createSimulator({ sede: 1 }), /sede is not one of its options: clock, start, .*seed/);
  assert.throws(() => createSimulator({ clock: "fast" }), /clock is "manual", "auto" or a speed such as 20, not "fast"/);
  assert.throws(() => createSimulator({ clock: 0 }), /not 0/);
  assert.throws(() => createSimulator({ start: "yesterday" }), /start is a Date/);
  const simulator = createSimulator({ clock: "auto", faults: "crate:cut", seed: undefined });
  const expected = { name: "TypeError", message: /simulator options: `faults`: fault `crate:cut`: unknown call `crate`/ };
  await assert.rejects(simulator.stats(), expected);
  await assert.rejects(simulator.fetch(`${ROOT}/ping`), expected);
  await assert.rejects(createSimulator().advance(-1), /takes the ms to move on, not -1/);
});

test("after it is closed nothing is answered", async () => {
  const simulator = createSimulator({ clock: "manual", faults: "list:silence" });
  const waiting = [simulator.fetch(`${ROOT}/ping`), simulator.fetch(`${ROOT}/generations`), simulator.clock.sleep(5)];
  await settled(waiting[0]);
  simulator.close();
  simulator.close();
  waiting.push(simulator.fetch(`${ROOT}/ping`), simulator.stats());
  for (const promise of waiting) await assert.rejects(promise, { name: "TypeError", message: "fetch failed" });
});
