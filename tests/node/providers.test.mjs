// One program, four providers: a video at each of them over HTTP, by changing one option; and what one of them has not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { fastClock } from "../../bench/fast-time.mjs";
import { simulate } from "./luma-edge.mjs";

const SPEED = 60;

/** Where each is, at a simulator, and a key of its form. */
const PROVIDERS = {
  "dream-machine": { path: "/dream-machine/v1", apiKey: "luma-any" },
  agents: { path: "/agents/v1", apiKey: "luma-api-any" },
  useapi: { path: "/useapi/v1/luma", apiKey: "user:1-any" },
  piapi: { path: "/piapi", apiKey: "any" },
};

for (const [provider, { path, apiKey }] of Object.entries(PROVIDERS)) {
  test(`the same program at ${provider}`, async (t) => {
    const { root, look } = await simulate(t, "--speed", `${SPEED}`);
    const events = [];
    const { generate, download, estimate, get } = createClient({
      provider,
      apiKey,
      baseUrl: root + path,
      clock: fastClock(SPEED),
      onEvent: (event) => events.push(event),
    });

    const states = [];
    const tiger = await generate({ prompt: "A tiger walking in snow" }, { onUpdate: ({ state }) => states.push(state) });
    const file = await download(tiger);

    assert.deepEqual([tiger.provider, tiger.state, states.at(-1)], [provider, "completed", "completed"]);
    assert.deepEqual([file.status, file.headers.get("content-type")], [200, "video/mp4"]);
    assert.equal((await get(tiger.id)).state, "completed");
    assert.ok((await estimate({ prompt: "A tiger walking in snow" })).basis);
    const { keyLeaks, created } = await look("stats");
    assert.deepEqual({ keyLeaks, created }, { keyLeaks: 0, created: { video: 1, image: 0 } });
    assert.ok(!JSON.stringify(events).includes(apiKey), "the key shows in an event");
  });

  test(`a job that fails at ${provider}`, async (t) => {
    const { root } = await simulate(t, "--speed", `${SPEED}`);
    const { generate } = createClient({ provider, apiKey, baseUrl: root + path, clock: fastClock(SPEED) });
    const error = await generate({ prompt: "A tiger walking in snow [fail:moderation]" }).then(
      () => assert.fail("it fails"),
      (error) => error,
    );
    assert.deepEqual([error.code, error.provider, error.generation.state], ["moderated", provider, "failed"]);
    assert.equal(error.generation.failure.provider_code, provider === "agents" ? "content_moderated" : undefined);
  });
}

test("whose key it is tells the provider", async (t) => {
  const { root } = await simulate(t);
  for (const provider of ["agents", "useapi"]) {
    const { path, apiKey } = PROVIDERS[provider];
    const { create } = createClient({ apiKey, baseUrl: root + path });
    assert.equal((await create({ prompt: "A tiger walking in snow" })).provider, provider);
  }
});

test("what a provider has not is told before anything is sent, or left out", async (t) => {
  const { root, look } = await simulate(t);
  const wanted = { prompt: "A tiger walking in snow", loop: true };
  const { path, apiKey } = PROVIDERS.useapi;
  const options = { apiKey, baseUrl: root + path };
  const [problem] = await createClient(options).validate(wanted);
  assert.deepEqual([problem.path, problem.code], ["loop", "unsupported"]);
  assert.match(problem.message, /useapi/);
  await assert.rejects(createClient(options).create(wanted), { code: "invalid_request" });
  assert.equal((await look("stats")).created.video, 0);
  await createClient({ ...options, unsupported: "drop" }).create(wanted);
  assert.equal((await look("stats")).created.video, 1);
  for (const call of ["credits", "list", "concepts"])
    await assert.rejects(createClient({ ...options, provider: "agents" })[call](), { code: "unsupported" }, call);
});

test("a request that names another provider's model goes on by one option", async (t) => {
  const { root } = await simulate(t);
  const { path, apiKey } = PROVIDERS.agents;
  const request = { model: "ray-2", prompt: "A tiger walking in snow" };
  const options = { apiKey, baseUrl: root + path };
  await assert.rejects(createClient(options).create(request), /has ray-3\.2 .*unsupported: "drop"/);
  assert.equal((await createClient({ ...options, unsupported: "drop" }).create(request)).model, "ray-3.2");
});

test("agents: what the plan allows in a minute is taken from its answers", async () => {
  const takes = async (limits) => {
    const simulator = createSimulator({ clock: "auto", durations: 0, limits: { video: { perMinute: 100 } } });
    const { fetch, clock, now, stats } = simulator;
    const { generateAll } = createClient({ apiKey: "luma-api-any", fetch, clock, limits });
    const began = now();
    const results = await generateAll(Array(40).fill({ prompt: "A tiger walking in snow" }));
    assert.ok(results.every(({ status }) => status === "fulfilled"));
    assert.deepEqual((await stats()).limited, { concurrent: 0, perMinute: 0 });
    return now() - began;
  };
  assert.ok((await takes()) < 60_000);
  assert.ok((await takes({ video: { concurrent: 10, perMinute: 30 } })) > 60_000, "what the caller says goes before that");
});

test("a client that names no provider has the one of its key, and without a key agents", async () => {
  for (const [options, expected] of [
    [{ apiKey: "luma-any" }, "dream-machine"],
    [{ apiKey: "luma-api-any" }, "agents"],
    [{ apiKey: "user:1-any" }, "useapi"],
    [{ baseUrl: "https://example.com/luma" }, "agents"],
    [{ baseUrl: "https://example.com/luma", apiKey: undefined }, "agents"],
    [{ baseUrl: "https://example.com/luma", apiKey: "token" }, "dream-machine"],
  ]) {
    const { provider } = await createClient(options).capabilities();
    assert.equal(provider, expected, JSON.stringify(options));
  }
});

test("capabilities tell of each provider what it has", async () => {
  for (const [provider, { apiKey }] of Object.entries(PROVIDERS)) {
    const capabilities = await createClient({ provider, apiKey }).capabilities();
    assert.equal(capabilities.provider, provider);
    // At Dream Machine a picture as a keyframe does without one.
    assert.equal(capabilities.requests.video.fields.prompt.required, provider !== "dream-machine", provider);
  }
  const { requests, calls } = await createClient({ provider: "agents", apiKey: "luma-api-any" }).capabilities();
  assert.deepEqual([calls.delete, calls.credits, calls.upload, calls.files], [false, false, true, true]);
  assert.ok(requests.video.fields.hdr && !requests.video.fields.concepts);
  assert.deepEqual([requests.video.models, requests.video.model], [["ray-3.2"], "ray-3.2"]);
  const [piapi, older] = await Promise.all(
    ["2026", "2025"].map((schema) => createClient({ provider: "piapi", apiKey: "any", schema }).capabilities()),
  );
  assert.ok(piapi.requests.video.fields.loop && !older.requests.video.fields.loop);
  assert.deepEqual([piapi.requests.video.models.length, older.requests.video.models.length], [2, 4]);
  const useapi = await createClient({ provider: "useapi", apiKey: "user:1-any", schema: "2025" }).capabilities();
  assert.deepEqual([useapi.provider, useapi.calls.accounts, calls.accounts, useapi.calls.activeTasks], ["useapi", true, false, true]);
});

test("what waits or runs is counted where somebody counts", async () => {
  for (const [provider, { apiKey }] of Object.entries(PROVIDERS)) {
    const { fetch, clock } = createSimulator({ clock: "auto" });
    const client = createClient({ provider, apiKey, fetch, clock });
    await client.create({ prompt: "A tiger walking in snow" });
    if (["useapi", "piapi"].includes(provider)) {
      const { count, raw } = await client.activeTasks();
      assert.equal(count, 1, provider);
      assert.equal(raw.executing ?? raw.data.luma.active_tasks, 1);
    } else {
      await assert.rejects(client.activeTasks(), { code: "unsupported", message: /count of active tasks/ }, provider);
    }
  }
});
