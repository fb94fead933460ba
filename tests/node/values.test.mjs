// What crosses between the wasm and its caller: reasons, listeners, what is absent, and what passes untouched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { caught, JOB, json, never, TIGER, until } from "./scripted.mjs";

let accounts = 0;
const client = (options) => createClient({ apiKey: `values-${accounts++}`, ...options });

test("an abort's reason passes unchanged as the cause, whatever it is", async () => {
  class Own {}
  const reasons = [
    "a text",
    "",
    0,
    false,
    null,
    Symbol("mine"),
    { code: "network", message: "an object" },
    new Own(),
    new Error("mine"),
    [1],
    () => {},
  ];
  for (const reason of reasons) {
    for (const call of [
      (one, options) => one.generate(TIGER, options),
      (one, options) => one.get("job-1", options),
      (one, options) => one.poll("job-1", options),
    ]) {
      const asked = [];
      const leave = new AbortController();
      const left = caught(call(client({ fetch: (url) => (asked.push(url), never()) }), { signal: leave.signal }));
      await until(() => asked.length);
      leave.abort(reason);
      const error = await left;
      assert.deepEqual([error.name, error.code, Object.hasOwn(error, "cause")], ["AbortError", "aborted", true]);
      assert.equal(error.cause, reason);
    }
  }
  const error = await caught(client({ fetch: never }).ping({ signal: AbortSignal.timeout(5) }));
  assert.deepEqual([error.code, error.cause.name], ["aborted", "TimeoutError"]);
});

test("a listener that throws, whatever it throws, costs nothing and is shown", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  for (const thrown of [new Error("mine"), undefined, "a text"]) {
    const simulator = createSimulator({ clock: "auto" });
    let told = 0;
    const broken = () => {
      told++;
      throw thrown;
    };
    const one = client({ fetch: simulator.fetch, clock: simulator.clock, onEvent: broken });
    assert.equal((await one.generate(TIGER, { onUpdate: broken })).state, "completed");
    const [{ status }] = await one.generateAll([TIGER], { onUpdate: broken });
    assert.equal(status, "fulfilled");
    assert.ok(told > 5);
    assert.equal(shown.mock.callCount(), told);
    assert.equal(shown.mock.calls[0].arguments[0], thrown);
    shown.mock.resetCalls();
  }
});

test("an async listener that rejects costs nothing either, and ends no program", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const mine = new Error("mine");
  const broken = async () => {
    throw mine;
  };
  const simulator = createSimulator({ clock: "auto" });
  const one = client({ fetch: simulator.fetch, clock: simulator.clock, onEvent: broken });
  assert.equal((await one.generate(TIGER, { onUpdate: broken })).state, "completed");
  assert.ok(shown.mock.callCount() > 5);
  assert.ok(shown.mock.calls.every(({ arguments: [thrown] }) => thrown === mine));
});

test("a listener may call the client that calls it, and abort it", async () => {
  const simulator = createSimulator({ clock: "auto" });
  const leave = new AbortController();
  const within = [];
  const one = client({
    fetch: simulator.fetch,
    clock: simulator.clock,
    onEvent: ({ type }) => type === "response" && within.push(one.validate(TIGER)),
  });
  const left = one.generate(TIGER, { signal: leave.signal, onUpdate: () => (within.push(one.estimate(TIGER)), leave.abort("enough")) });
  assert.equal((await caught(left)).cause, "enough");
  assert.ok((await Promise.all(within)).length > 1);
});

/** Fails for an own property that is there without a value. What a provider or a caller gave is their own. */
function assertWhole(value, path = "") {
  if (value === null || typeof value !== "object") return assert.ok(value !== undefined && value !== null, `${path} is ${value}`);
  for (const key of Reflect.ownKeys(value)) {
    if (!["raw", "request", "stack", "cause"].includes(key)) assertWhole(value[key], `${path}.${String(key)}`);
  }
}

/** A key of each provider's form. */
const PROVIDERS = { "dream-machine": "luma", agents: "luma-api", useapi: "user:1", piapi: "any" };

for (const [provider, key] of Object.entries(PROVIDERS)) {
  test(`${provider}: what is absent is absent, not undefined and not null`, async () => {
    const simulator = createSimulator({ clock: "auto" });
    const told = [];
    const note = (value) => void told.push(value);
    const store = memoryStore();
    const one = client({
      provider,
      apiKey: `${key}-values-${accounts++}`,
      fetch: simulator.fetch,
      clock: simulator.clock,
      onEvent: note,
      store,
      limits: { video: { concurrent: 1 } },
    });
    const request = { prompt: TIGER.prompt };
    const [done] = await Promise.all(
      [1, 2].map((number) => one.generate({ ...request, prompt: `${request.prompt}, ${number}` }, { onUpdate: note })),
    );
    assert.equal(done.state, "completed");
    told.push(done, await one.get(done.id), await one.estimate(request), await one.validate({}));
    for (const call of [() => one.list(), () => one.credits(), () => one.activeTasks(), () => one.files.list()])
      told.push(await call().catch((error) => error));
    told.push(await caught(one.generate({})), await caught(one.get("none")));
    await one.create({ ...request, prompt: "A job that is left" });
    const resumed = await one.resume();
    assert.equal(resumed.length, 1);
    for (const { done, ...info } of resumed) told.push(info, await done);
    for (const value of told) assertWhole(value, JSON.stringify(value).slice(0, 200));
  });
}

// As text, since only then an own field `__proto__` is one: what is unknown, lone halves of surrogate pairs, any order, any number.
const ODD = String.raw`"zeta":1,"__proto__":{"polluted":true},"alpha":{"constructor":null,"toString":"mine","deep":[[],{},null,-0.5e-7,1e21,9007199254740993]},"half":"\ud83d","other\udc00":"\udc00\ud83d","10":"ten","2":"two","":"empty"`;
const TEXTS = {
  "dream-machine": `{${ODD},"id":"job-1","state":"completed","assets":{"video":"https://cdn.example/tiger.mp4","unknown":null}}`,
  agents: `{${ODD},"id":"job-1","type":"video","state":"completed","output":[{"type":"video","url":"https://cdn.example/tiger.mp4","unknown":null}]}`,
  useapi: `{${ODD},"jobid":"j01-u1-email:me@example.com-video:1-bot:luma","type":"video","status":"completed","response":{"video":{"url":"https://cdn.example/tiger.mp4"}}}`,
  piapi: `{"code":200,"message":"success","data":{${ODD},"task_id":"job-1","status":"completed","output":{"video_raw":{"url":"https://cdn.example/tiger.mp4"}}}}`,
};
const ID = { useapi: "j01-u1-email:me@example.com-video:1-bot:luma" };
for (const [provider, text] of Object.entries(TEXTS)) {
  test(`${provider}: an answer passes untouched in raw`, async () => {
    const fetch = async () => new Response(text, { headers: { "content-type": "application/json" } });
    const { id, state, raw } = await client({ provider, fetch }).get(ID[provider] ?? "job-1");
    assert.deepEqual([id, state], [ID[provider] ?? "job-1", "completed"]);
    const whole = JSON.parse(text);
    const given = JSON.stringify(raw);
    assert.ok(given === JSON.stringify(whole) || given === JSON.stringify(whole.data), given);
    const own = Object.hasOwn(raw, "zeta") ? raw : raw.data;
    assert.ok(Object.hasOwn(own, "__proto__"));
    assert.equal(own.polluted, undefined);
    assert.equal({}.polluted, undefined);
  });
}

test("what gives nothing gives undefined", async () => {
  const simulator = createSimulator({ clock: "auto" });
  const one = client({ fetch: simulator.fetch, clock: simulator.clock });
  assert.equal(await one.delete(await one.generate(TIGER)), undefined);
  assert.equal(await client({ fetch: async () => json({}) }).ping(), undefined);
});

test("a request passes as it was given, with what this version does not know", async () => {
  const sent = [];
  const fetch = async (_url, { body }) => (sent.push(body), json(JOB, 201));
  const text = `{${ODD},"model":"ray-2","prompt":"A tiger \\ud83d","generation_type":"video"}`;
  await client({ fetch, validate: false }).create(JSON.parse(text));
  assert.deepEqual(JSON.parse(sent[0]), JSON.parse(text));
  assert.equal(sent[0], JSON.stringify(JSON.parse(text)));
  assert.ok(sent[0].includes('"__proto__"'));
});

test("a job is read from fields of its own, never from what every object has", async () => {
  for (const text of ['{"__proto__":{"id":"job-1","state":"completed"}}', "{}", "[]", "null", '"text"', "7"]) {
    const error = await caught(client({ fetch: async () => new Response(text), maxRetries: 0 }).get("job-1"));
    assert.equal(error.code, "protocol", text);
  }
});
