// The client's face, as built, in Node: what a caller sees when all goes well and when it does not. Networks are scripts
// here; the simulator has its own tests, and real HTTP is in tests/package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { createClient, LumaError } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

const KEY = "luma-secret-0123456789";
const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const JOB = { id: "job-1", state: "queued", created_at: new Date().toISOString(), request: TIGER };
const DONE = { ...JOB, state: "completed", assets: { video: "https://cdn.example/tiger.mp4", image: null } };

const json = (value, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

/** A network that answers with what `script` gives for each request, and keeps what it was asked. */
function network(script) {
  const requests = [];
  const fetch = async (url, init = {}) => {
    const request = {
      url,
      method: init.method ?? "GET",
      headers: init.headers ?? {},
      body: init.body && JSON.parse(init.body),
      signal: init.signal,
    };
    requests.push(request);
    return script(request, requests.length);
  };
  return { fetch, requests };
}

/** Never answers; rejects as fetch does when its signal aborts. */
const silence = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A clock that runs a thousand times as fast: a minute is 60 ms. */
function quick() {
  const start = Date.now();
  return {
    now: () => start + performance.now() * 1000,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms === Infinity) return;
        const timer = setTimeout(resolve, ms / 1000);
        signal?.addEventListener("abort", () => clearTimeout(timer));
      }),
  };
}

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

test("methods are bound, and nothing needs to be initialised", async () => {
  const { fetch, requests } = network(({ method }) => json(method === "POST" ? JOB : DONE, method === "POST" ? 201 : 200));
  const { generate, poll, get } = createClient({ apiKey: KEY, fetch, clock: quick() });
  assert.equal(requests.length, 0);
  const tiger = await generate(TIGER);
  assert.deepEqual(
    { ...tiger, raw: undefined, request: undefined },
    {
      id: "job-1",
      provider: "dream-machine",
      state: "completed",
      created_at: JOB.created_at,
      assets: { video: DONE.assets.video },
      raw: undefined,
      request: undefined,
    },
  );
  assert.deepEqual(tiger.raw, DONE);
  assert.deepEqual([(await get(tiger)).id, (await poll("job-1")).id, (await poll(tiger)).id], ["job-1", "job-1", "job-1"]);
  assert.deepEqual(requests[0].headers, { accept: "application/json", "content-type": "application/json", authorization: `Bearer ${KEY}` });
  assert.equal(requests[0].url, "https://api.lumalabs.ai/dream-machine/v1/generations/video");
  assert.deepEqual(Object.keys(requests[1].headers), ["accept", "authorization"]);
});

test("a fetch that must be called as nobody's method is", async () => {
  const fetch = function (url) {
    if (this !== undefined && this !== globalThis) throw new TypeError("Illegal invocation");
    return json({ message: "pong" });
  };
  assert.equal(await createClient({ apiKey: KEY, fetch }).ping(), "pong");
});

test("what was checked is what is sent, whatever the caller changes meanwhile", async () => {
  const { fetch, requests } = network(() => json(JOB, 201));
  const request = { ...TIGER, hidden: undefined, toJSON: undefined };
  const creating = createClient({ apiKey: KEY, fetch }).create(request);
  request.prompt = "x";
  await creating;
  assert.deepEqual(requests[0].body, TIGER);
});

test("an option that is not known is refused", () => {
  assert.throws(
    () => createClient({ apiKey: KEY, budgets: { usd: 5 } }),
    (error) => {
      assert.ok(error instanceof LumaError);
      assert.deepEqual([error.code, error.problems[0].path], ["invalid_request", "budgets"]);
      return true;
    },
  );
});

test("wrong options are told at the first call", async () => {
  for (const [options, code, words] of [
    [{}, "authentication", /apiKey/],
    [{ apiKey: 7 }, "invalid_request", /apiKey: must be a string/],
    [{ apiKey: "user:1-abc def" }, "invalid_request", /without spaces/],
    [{ apiKey: KEY, timeout: "1s" }, "invalid_request", /timeout/],
  ]) {
    const error = await caught(createClient({ ...options, fetch: () => assert.fail("something was sent") }).ping());
    assert.ok(error instanceof LumaError && error.code === code && words.test(error.message), inspect(error));
  }
});

test("bad requests reach no network", async () => {
  const { fetch, requests } = network(() => json(JOB, 201));
  const client = createClient({ apiKey: KEY, fetch });
  const cycle = { model: "ray-2" };
  cycle.prompt = cycle;
  for (const request of [
    undefined,
    null,
    7,
    "A tiger",
    [],
    () => 1,
    Symbol.iterator,
    10n,
    cycle,
    {},
    { prompt: "x" },
    { ...TIGER, prompt: "\ud800" },
  ]) {
    const error = await caught(client.generate(request));
    assert.equal(error.code, "invalid_request", inspect(request));
    assert.ok(error.problems.length > 0 && error.message.length > 20, inspect(error));
    assert.deepEqual(await client.validate(request), error.problems);
  }
  const calls = { get: ["", undefined, {}], poll: [7, undefined, {}, ""], delete: [null], list: [{ limit: -1 }, { offset: "1" }] };
  for (const [method, args] of Object.entries(calls)) {
    for (const given of args) assert.equal((await caught(client[method](given))).code, "invalid_request", `${method}(${inspect(given)})`);
  }
  assert.equal((await caught(client.generate(TIGER, { timeout: 0 }))).code, "invalid_request");
  assert.equal(requests.length, 0);
});

test("a thousand random JSON values never panic and never reach the network", async () => {
  let state = Number(process.env.SEED ?? 20261120);
  console.log(`seed ${state}`);
  const random = (n) => (state = (state * 48271) % 2147483647) % n;
  const words = [
    "model",
    "prompt",
    "ray-2",
    "photon-1",
    "keyframes",
    "frame0",
    "type",
    "image",
    "url",
    "weight",
    "media",
    "mode",
    "image_ref",
    "identity0",
    "loop",
    "",
    "🐅",
  ];
  const word = () => words[random(words.length)];
  const value = (depth) => {
    const kind = random(depth ? 8 : 5);
    if (kind === 0) return null;
    if (kind === 1) return random(2) === 0;
    if (kind === 2) return (random(2000) - 1000) / (random(7) || 1);
    if (kind === 3) return word();
    if (kind === 4) return word().repeat(random(9));
    if (kind === 5) return Array.from({ length: random(5) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: random(7) }, () => [word(), value(depth - 1)]));
  };
  const { fetch, requests } = network(() => json(JOB, 201));
  const client = createClient({ apiKey: KEY, fetch });
  for (let i = 0; i < 1000; i++) {
    const request = value(4);
    // A prompt of one character keeps the odd good one from being sent.
    const bad =
      request && typeof request === "object" && !Array.isArray(request) ? { ...request, prompt: "x", generation_type: "video" } : request;
    const error = await caught(client.generate(bad));
    assert.equal(error.code, "invalid_request", `${JSON.stringify(bad)}: ${inspect(error)}`);
  }
  assert.equal(requests.length, 0);
});

test("an abort is felt at once: before the start, in a request, in a wait", async (t) => {
  const reason = new Error("the user left");
  await t.test("before the start", async () => {
    const { fetch, requests } = network(() => json(JOB, 201));
    const error = await caught(createClient({ apiKey: KEY, fetch }).generate(TIGER, { signal: AbortSignal.abort(reason) }));
    assert.deepEqual([error.code, error.name, error.cause, requests.length], ["aborted", "AbortError", reason, 0]);
    assert.equal(error.generation, undefined);
  });
  await t.test("in a request", async () => {
    const { fetch, requests } = network(silence);
    const leave = new AbortController();
    const failing = caught(createClient({ apiKey: KEY, fetch }).generate(TIGER, { signal: leave.signal }));
    await until(() => requests.length === 1);
    leave.abort(reason);
    const error = await soon(failing);
    assert.deepEqual([error.code, error.name, error.cause], ["aborted", "AbortError", reason]);
    assert.deepEqual(error.creation.request, TIGER);
    assert.ok(requests[0].signal.aborted, "the request itself is stopped");
  });
  await t.test("in a wait", async () => {
    const { fetch, requests } = network(() => json(JOB, 201));
    const leave = new AbortController();
    const updates = [];
    const failing = caught(
      createClient({ apiKey: KEY, fetch }).generate(TIGER, { signal: leave.signal, onUpdate: (update) => updates.push(update) }),
    );
    await until(() => updates.length === 1);
    leave.abort("a string for a reason");
    const error = await soon(failing);
    assert.deepEqual([error.code, error.cause, error.generation.id, requests.length], ["aborted", "a string for a reason", "job-1", 1]);
    assert.equal(error.creation, undefined);
  });
});

test("a signal that serves many calls keeps no listener", async () => {
  const { fetch } = network(() => json({ message: "pong" }));
  const client = createClient({ apiKey: KEY, fetch });
  const { signal } = new AbortController();
  let listeners = 0;
  signal.addEventListener = new Proxy(signal.addEventListener, { apply: (f, self, args) => (listeners++, f.apply(self, args)) });
  signal.removeEventListener = new Proxy(signal.removeEventListener, { apply: (f, self, args) => (listeners--, f.apply(self, args)) });
  for (let i = 0; i < 20; i++) await client.ping({ signal });
  assert.equal(listeners, 0);
});

test("timeouts: of one request, and of the caller's patience", async () => {
  const silent = network(silence);
  const slow = createClient({ apiKey: KEY, fetch: silent.fetch, timeout: 20, maxRetries: 0, recovery: "report" });
  assert.equal((await caught(slow.get("job-1"))).code, "timeout");
  const doubt = await caught(slow.create(TIGER));
  assert.deepEqual([doubt.code, doubt.cause.code, silent.requests.length], ["unknown_outcome", "timeout", 2]);
  assert.ok(doubt.cause instanceof LumaError && doubt.retryable === false);

  const { fetch } = network(() => json(JOB, 201));
  const error = await caught(createClient({ apiKey: KEY, fetch }).generate(TIGER, { timeout: 30 }));
  assert.deepEqual([error.code, error.generation.id, error.retryable], ["timeout", "job-1", false]);
});

test("each bad answer has its code, hangs nothing and shows no key", async () => {
  const echo = ({ headers }) => `you sent ${JSON.stringify(headers)}`;
  const half = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"id": "job-1", "sta'));
          setTimeout(() => controller.error(new TypeError("terminated")), 5);
        },
      }),
      { status: 201 },
    );
  const refused = () => {
    throw Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error(`connect ECONNREFUSED with ${KEY}`), { code: "ECONNREFUSED" }),
    });
  };
  for (const [name, script, reading, creating] of [
    ["wrong key", (request) => json({ detail: `Invalid API key is provided: ${echo(request)}` }, 401), "authentication", "authentication"],
    ["no credit", () => json({ detail: "Insufficient credits" }, 402), "insufficient_credits", "insufficient_credits"],
    ["not there", () => json({ detail: "Generation not found" }, 404), "not_found", "not_found"],
    ["too many", () => json({ detail: "Too many" }, 429, { "retry-after": "1" }), "rate_limited", "rate_limited"],
    ["HTML instead", (request) => new Response(`<html>${echo(request)}`, { status: 200 }), "protocol", "unknown_outcome"],
    ["HTML from a gateway", (request) => new Response(`<html>${echo(request)}`, { status: 502 }), "server", "unknown_outcome"],
    ["half a body", half, "network", "unknown_outcome"],
    ["nothing", () => new Response(null, { status: 200 }), "protocol", "unknown_outcome"],
    ["no connection", refused, "network", "network"],
    [
      "a cut",
      () => {
        throw new TypeError("fetch failed");
      },
      "network",
      "unknown_outcome",
    ],
    ["no Response at all", () => undefined, "protocol", "unknown_outcome"],
    ["half a Response", () => ({ status: 200 }), "protocol", "unknown_outcome"],
    [
      "what another client gives",
      () => ({ status: 200, headers: {}, data: JOB, text: JSON.stringify(JOB) }),
      "protocol",
      "unknown_outcome",
    ],
    ["the body alone", () => JSON.stringify(JOB), "protocol", "unknown_outcome"],
    [
      "a thrown string",
      () => {
        throw "no";
      },
      "network",
      "unknown_outcome",
    ],
    ["no sense", () => json([1, 2], 200), "protocol", "unknown_outcome"],
  ]) {
    const { fetch } = network(script);
    const events = [];
    const client = createClient({ apiKey: KEY, fetch, clock: quick(), maxRetries: 1, onEvent: (event) => events.push(event) });
    for (const [call, code] of [
      [() => client.get("job-1"), reading],
      [() => client.create(TIGER), creating],
    ]) {
      const error = await caught(call());
      assert.ok(error instanceof LumaError && error instanceof Error, name);
      assert.deepEqual([error.code, error.provider], [code, "dream-machine"], `${name}: ${inspect(error)}`);
      if (/Response|client|alone/.test(name)) assert.match(error.message, /no Response .*return what the global fetch returns/, name);
      const shown = inspect(error, { depth: 9 }) + JSON.stringify(error) + error.stack + inspect(events, { depth: 9 });
      assert.ok(!shown.includes(KEY), `${name} shows the key: ${shown}`);
    }
  }
});

test("an error as JSON has its words, its fields and those of its cause, and no stack", async () => {
  const { fetch } = network(() => json({ detail: "Not for you" }, 403));
  const client = createClient({ provider: "dream-machine", apiKey: KEY, fetch, clock: quick() });
  const error = await caught(client.create(TIGER));
  const { message, ...fields } = JSON.parse(JSON.stringify({ error })).error;
  assert.deepEqual([message, fields], [error.message, JSON.parse(JSON.stringify({ ...error }))]);
  assert.deepEqual([fields.name, fields.code, fields.status], ["LumaError", "authentication", 403]);
  const caused = (cause) => JSON.parse(JSON.stringify(new LumaError({ code: "network", message: "No answer", cause })));
  assert.deepEqual(caused(new TypeError("fetch failed")), {
    ...{ name: "LumaError", code: "network", message: "No answer", problems: [], retryable: false },
    cause: "TypeError: fetch failed",
  });
  assert.equal(caused("the page was left").cause, "the page was left");
  assert.equal(caused(Object.create(null)).cause, "[object Object]", "no text");
  assert.equal(caused(0n).cause, "0");
});

test("a job that repeats the key it was asked with shows none, in whatever form and field", async () => {
  const key = "user:1-Ab?cd>ef~gh-0123456789";
  const basic = (text) => Buffer.from(text).toString("base64");
  for (const shown of [key, encodeURIComponent(key), basic(key), basic(`:${key}`), basic(`login:${key}`), `"${key}"`]) {
    const words = `no access with ${shown}`;
    const failed = { ...JOB, state: "failed", failure_reason: words, request: { ...TIGER, callback_url: `https://example.com/?${shown}` } };
    const { fetch } = network(({ method }) => json(method === "POST" ? JOB : failed));
    const events = [];
    const onEvent = (event) => events.push(event);
    const client = createClient({ provider: "dream-machine", apiKey: key, fetch, clock: quick(), onEvent });
    const error = await caught(client.generate(TIGER));
    assert.match(error.generation.failure.reason, /^no access with .*\[key\]/, shown);
    const told = [error.message, JSON.stringify(error), inspect(error, { depth: 9 }), inspect(events, { depth: 9 })];
    told.push(JSON.stringify(await client.get("job-1")), JSON.stringify(error.generation.raw));
    assert.ok(!told.some((text) => text.includes(shown.replaceAll('"', ""))), `${shown}: ${told.join("\n")}`);
  }
});

test("what builds on an earlier generation is checked and priced, and made by its own method alone", async () => {
  const { fetch, requests } = network(() => json(JOB));
  const client = createClient({ provider: "dream-machine", apiKey: KEY, fetch, clock: quick() });
  const larger = { generation_type: "upscale_video", resolution: "1080p" };
  assert.deepEqual(await client.validate(larger), []);
  assert.equal((await client.estimate(larger)).usd, 0.81);
  const error = await caught(client.create(larger));
  assert.deepEqual([error.code, error.problems[0].path, requests.length], ["invalid_request", "generation_type", 0]);
});

test("a key that is a word of other texts changes nothing of what a provider says", async () => {
  const { fetch } = network(({ method }) => json(method === "POST" ? JOB : { ...DONE, request: TIGER }));
  const { id, request } = await createClient({ provider: "dream-machine", apiKey: "o", fetch, clock: quick() }).generate(TIGER);
  assert.deepEqual([id, request.prompt], [JOB.id, TIGER.prompt]);
});

test("a listener's exception costs nobody a job", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const { fetch } = network(({ method }) => json(method === "POST" ? JOB : DONE));
  const fail = () => {
    throw new Error("in the listener");
  };
  const client = createClient({ apiKey: KEY, fetch, clock: quick(), onEvent: fail });
  assert.equal((await client.generate(TIGER, { onUpdate: fail })).state, "completed");
  assert.ok(shown.mock.callCount() > 2);
});

test("updates tell the state and how far it is", async () => {
  let looks = 0;
  const { fetch } = network(({ method }) =>
    method === "POST" ? json(JOB, 201) : json(looks++ < 2 ? { ...JOB, state: "dreaming" } : DONE),
  );
  const updates = [];
  await createClient({ apiKey: KEY, fetch, clock: quick() }).generate(TIGER, {
    onUpdate: ({ state, progress }) => updates.push([state, progress]),
  });
  assert.deepEqual(
    updates.map(([state]) => state),
    ["queued", "dreaming", "dreaming", "completed"],
  );
  assert.ok(
    updates.every(([, { elapsed, expected }], i) => expected === 75000 && (i === 0 || elapsed >= updates[i - 1][1].elapsed)),
    inspect(updates),
  );
});

test("watch gives every update and ends with the job; leaving it stops the looking", async () => {
  let looks = 0;
  const { fetch, requests } = network(() => json(looks++ < 3 ? { ...JOB, state: "dreaming" } : DONE));
  const client = createClient({ apiKey: KEY, fetch, clock: quick() });
  const states = [];
  for await (const update of client.watch("job-1")) states.push(update.state);
  assert.deepEqual(states, ["dreaming", "dreaming", "dreaming", "completed"]);

  looks = -1e9;
  for await (const update of client.watch("job-1")) {
    assert.equal(update.state, "dreaming");
    break;
  }
  const after = requests.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(requests.length <= after + 1, "no more looks");

  const finished = [];
  for await (const update of client.watch({ ...DONE, raw: DONE })) finished.push(update.state);
  assert.deepEqual(finished, ["completed"]);

  const failed = network(() => json({ ...JOB, state: "failed", failure_reason: "Frame moderation failed" }));
  const seen = [];
  const error = await caught(
    (async () => {
      for await (const update of createClient({ apiKey: KEY, fetch: failed.fetch }).watch("job-1")) seen.push(update.state);
    })(),
  );
  assert.deepEqual([error.code, error.generation.failure.code, seen], ["moderated", "moderation", ["failed"]]);
});

test("listAll goes through the pages and gives nothing twice", async () => {
  let jobs = Array.from({ length: 7 }, (_, i) => ({ ...DONE, id: `job-${i}` }));
  const { fetch, requests } = network(({ url }) => {
    const { searchParams } = new URL(url);
    const [limit, offset] = [Number(searchParams.get("limit")), Number(searchParams.get("offset"))];
    const page = json({
      generations: jobs.slice(offset, offset + limit),
      has_more: offset + limit < jobs.length,
      count: limit,
      limit,
      offset,
    });
    if (offset === 0) jobs = [{ ...DONE, id: "made-meanwhile" }, ...jobs];
    return page;
  });
  const ids = [];
  for await (const { id } of createClient({ apiKey: KEY, fetch }).listAll({ limit: 3 })) ids.push(id);
  assert.deepEqual(
    ids,
    Array.from({ length: 7 }, (_, i) => `job-${i}`),
  );
  assert.equal(requests.length, 3);
});

test("a download streams, tells its progress, renews an expired link and never sends the key", async () => {
  const bytes = new Uint8Array(100_000).fill(7);
  const { fetch, requests } = network(({ url }) => {
    if (url.endsWith("old.mp4")) return new Response("expired", { status: 403 });
    if (url.endsWith("new.mp4")) return new Response(bytes, { headers: { "content-length": String(bytes.length) } });
    return json({ ...DONE, assets: { video: "https://cdn.example/new.mp4" } });
  });
  const client = createClient({ apiKey: KEY, fetch });
  const old = { ...DONE, provider: "dream-machine", assets: { video: "https://cdn.example/old.mp4" } };
  const progress = [];
  const response = await client.download(old, { onProgress: (step) => progress.push(step) });
  assert.equal((await response.arrayBuffer()).byteLength, bytes.length);
  assert.deepEqual(progress.at(-1), { received: bytes.length, total: bytes.length });
  assert.deepEqual(
    requests.map(({ url }) => url.split("/").at(-1)),
    ["old.mp4", "job-1", "new.mp4"],
  );
  for (const { url, headers } of requests) assert.equal("authorization" in headers, !url.includes("cdn.example"));

  for (const asset of ["toString", "__proto__", "constructor"])
    assert.equal((await caught(client.download(old, { asset }))).code, "not_found");
  const missing = await caught(client.download(old, { asset: "hologram" }));
  assert.ok(missing.code === "not_found" && missing.message.includes("it has: video"), missing.message);
  const aborted = await caught(client.download(old, { signal: AbortSignal.abort() }).then((answer) => answer.text()));
  assert.equal(aborted.code, "aborted");
});

for (const [provider, apiKey, request, type, extra] of [
  ["useapi", "user:1-key", { prompt: "A heron on one leg", model: "photon-v2" }, "image/jpeg", "image"],
  [
    "agents",
    "luma-api-key",
    { prompt: "A heron on one leg", generation_type: "layering", media: "https://example.com/heron.png" },
    "image/png",
    "layer",
  ],
]) {
  test(`${provider}: each of several files is downloaded by its number, and its link renewed`, async () => {
    const { fetch, clock, requests, advance } = createSimulator({ clock: "auto", assetTtl: 60_000 });
    const client = createClient({ provider, apiKey, fetch, clock });
    // The seed decides how many layers there are: of one alone, nothing is listed.
    let made;
    do made = await client.generate(request);
    while (!made.outputs);
    assert.ok(
      made.outputs.length > 1 && made.outputs.every((output) => output[extra === "layer" ? "layer" : "url"]),
      JSON.stringify(made.outputs),
    );
    const files = await Promise.all(made.outputs.map(async (_, asset) => (await client.download(made, { asset })).arrayBuffer()));
    assert.equal(new Set(files.map((file) => Buffer.from(file).toString("base64"))).size, files.length, "each is another");
    assert.deepEqual(Buffer.from(await (await client.download(made)).arrayBuffer()), Buffer.from(files[0]));

    await advance(120_000);
    const last = made.outputs.length - 1;
    const response = await client.download(made, { asset: last });
    assert.equal(response.headers.get("content-type"), type);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(files[last]));
    assert.equal(
      (await requests()).filter(
        ({ method, path }) => method === "GET" && path.includes(made.outputs[last].url.split("?")[0].split("/").at(-1)),
      ).length,
      3,
    );
    const { code, message } = await caught(client.download(made, { asset: 99 }));
    assert.deepEqual(
      [code, message],
      ["not_found", `The generation (completed) has no output 99; it has: image, ${files.map((_, index) => index).join(", ")}`],
    );
  });
}

test("upload is the caller's, and says so when there is none", async () => {
  const file = new Blob(["x"]);
  assert.equal(
    await createClient({ apiKey: KEY, upload: async (given) => (given === file ? "https://cdn.example/x" : "") }).upload(file),
    "https://cdn.example/x",
  );
  assert.equal((await caught(createClient({ apiKey: KEY }).upload(file))).code, "unsupported");
});

test("a price, or that there is none", async () => {
  const { estimate } = createClient({ apiKey: KEY });
  const modify = await estimate({ model: "ray-2", media: { url: "https://example.com/a.mp4" }, mode: "flex_1" });
  assert.deepEqual([modify.usd.toFixed(2), modify.certainty, modify.asOf], ["3.50", "approximate", "2026-11-20"]);
  const tiger = await estimate(TIGER);
  assert.deepEqual([tiger.usd, tiger.certainty, tiger.asOf], [0.71, "approximate", "2025-05-06"]);
  const none = await estimate({ ...TIGER, model: "ray-9" });
  assert.deepEqual([none.usd, none.certainty], [undefined, "unknown"]);
});

async function until(condition) {
  for (let turns = 0; !condition(); turns++) {
    assert.ok(turns < 5000, "it never came to that");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Peers take 2.5 s to feel an abort; here it has a turn of the event loop, and some for a busy machine. */
async function soon(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, 1000, new Error("not felt within a second")))]);
}
