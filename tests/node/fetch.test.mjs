// The caller's `fetch` as the wasm calls it: with what, how often, and when a request is aborted.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createJobsClient } from "luma-edge/jobs";
import { createSimulator } from "luma-edge/simulator";
import { caught, DONE, json, never, soon, standingClock, TIGER, until } from "./scripted.mjs";

let accounts = 0;
const client = (options) => createClient({ apiKey: `fetch-${accounts++}`, ...options });

/** An HTTP server on this machine; gives its address. */
async function serve(t, answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

test("fetch is called as a function of nobody, with two arguments and a plain object of headers", async () => {
  const calls = [];
  function fetch(...given) {
    calls.push({ of: this, given });
    return simulator.fetch(...given);
  }
  const simulator = createSimulator({ clock: "auto" });
  await client({ fetch, clock: simulator.clock }).generate(TIGER);
  assert.ok(calls.length > 1);
  for (const { of, given } of calls) {
    const [url, { headers, signal, method, redirect }] = given;
    assert.deepEqual([of, given.length, typeof url, redirect], [undefined, 2, "string", "manual"]);
    assert.equal(Object.getPrototypeOf(headers), Object.prototype);
    for (const [name, value] of Object.entries(headers)) assert.deepEqual([typeof value, name], ["string", name.toLowerCase()]);
    assert.equal(headers.authorization, `Bearer fetch-${accounts - 1}`);
    assert.equal("content-type" in headers, method === "POST");
    assert.ok(signal instanceof AbortSignal);
  }
  assert.equal(new Set(calls.map(({ given }) => given[1].signal)).size, calls.length, "a signal for each request");
});

test("the global fetch is the one that is there at the call", async (t) => {
  const one = client();
  t.mock.method(globalThis, "fetch", async function () {
    assert.equal(this, globalThis === this ? globalThis : undefined);
    return json({ message: "it answers" });
  });
  assert.equal(await one.ping(), "it answers");
});

test("a frame without an address of its own sends to the origin of its page", async (t) => {
  const sent = [];
  t.mock.method(globalThis, "fetch", async (url, { method, headers }) => {
    sent.push([method, url, "idempotency-key" in headers]);
    return json({ id: "job-1", state: "queued", model: "uni-1", created_at: "2026-01-01T00:00:00Z" }, 201);
  });
  Object.assign(globalThis, { location: { href: "about:srcdoc" }, origin: "https://site.example" });
  t.after(() => ["location", "origin", "document"].forEach((name) => delete globalThis[name]));
  const create = () => createClient({ provider: "agents", baseUrl: "/luma" }).create({ model: "uni-1", prompt: "An owl" });
  globalThis.document = { baseURI: "https://site.example/page" };
  assert.equal((await create()).id, "job-1");
  assert.deepEqual(sent, [["POST", "/luma/generations", true]]);
  delete globalThis.document; // and where nothing says what the address is, the browser alone knows
  assert.equal((await create()).id, "job-1");
});

test("an answer may be of another realm, or what a test makes of one", async () => {
  const answers = [
    { status: 200, headers: new Map(), text: async () => '{"message":"it answers"}' },
    { status: 200, headers: { get: () => null }, text: () => '{"message":"it answers"}' },
  ];
  for (const answer of answers) {
    for (const fetch of [() => answer, async () => answer]) assert.equal(await client({ fetch }).ping(), "it answers");
  }
});

/** An answer of which one property throws. */
const odd = (name) =>
  Object.defineProperty({ status: 200, headers: new Headers(), text: async () => "{}" }, name, { get: () => assert.fail("mine") });

test("a fetch that throws, or gives no answer, is told of with its words and never traps", async () => {
  const sad = [
    [() => assert.fail("no such address"), /no such address/],
    [async () => assert.fail("it broke off"), /it broke off/],
    [async () => Promise.reject("a text"), /a text/],
    [async () => Promise.reject(undefined), /^/],
    [async () => undefined, /./],
    [async () => null, /./],
    [async () => ({}), /./],
    [async () => ({ status: 200, text: async () => undefined, headers: new Headers() }), /./],
    [async () => ({ status: 200, text: async () => "{}" }), /./],
    [async () => ({ status: "200", text: async () => "{}", headers: new Headers() }), /no Response/],
    [async () => ({ status: 200, text: async () => "{}", headers: { get: () => 7 } }), /header/],
    [async () => ({ status: 200, text: async () => "{}", headers: { get: () => assert.fail("mine") } }), /mine/],
    [async () => odd("headers"), /mine|no Response/],
    [async () => odd("status"), /mine|no Response/],
    [async () => odd("text"), /mine|no Response/],
  ];
  for (const [fetch, words] of sad) {
    const one = client({ fetch, maxRetries: 0 });
    const error = await caught(one.get("job-1"));
    assert.ok(["network", "protocol"].includes(error.code), `${fetch}: ${error.code}: ${error.message}`);
    assert.match(error.message, words);
    assert.deepEqual(await one.validate(TIGER), [], String(fetch));
  }
});

test("the caller's abort aborts its request and each timer at once, and no other's", async () => {
  const clock = standingClock();
  const signals = [];
  const fetch = (_url, { signal }) => (signals.push(signal), never());
  const one = client({ fetch, clock });
  const [leave, other] = [new AbortController(), new AbortController()];
  const left = caught(one.get("job-1", { signal: leave.signal }));
  const stays = caught(one.get("job-2", { signal: other.signal }));
  await until(() => signals.length === 2);
  const timers = [...clock.sleeps];
  leave.abort();
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  assert.deepEqual(timers.map(({ signal }) => signal.aborted).sort(), [false, true]);
  assert.equal((await left).code, "aborted");
  other.abort();
  assert.ok(clock.sleeps.every(({ signal }) => signal.aborted));
  assert.equal((await stays).code, "aborted");
});

test("an abort while the body arrives aborts the request too", async () => {
  let given;
  const fetch = async (_url, { signal }) => ((given = signal), { status: 200, headers: new Headers(), text: never });
  const leave = new AbortController();
  const left = caught(client({ fetch }).get("job-1", { signal: leave.signal }));
  await until(() => given);
  await soon();
  leave.abort();
  assert.equal(given.aborted, true);
  assert.equal((await left).code, "aborted");
});

test("a connection is closed when the caller aborts", async (t) => {
  const closed = [];
  const baseUrl = await serve(t, (request) => request.on("close", () => closed.push(request.url)));
  const leave = new AbortController();
  const left = caught(client({ baseUrl }).get("job-1", { signal: leave.signal }));
  await soon(50);
  leave.abort();
  assert.equal((await left).code, "aborted");
  await until(() => closed.length);
});

test("the caller is told at once, also by a fetch that knows no signal and answers late", async () => {
  let answer;
  const fetch = () => new Promise((resolve) => (answer = () => resolve(json(DONE))));
  const leave = new AbortController();
  const one = client({ fetch });
  const left = caught(one.get("job-1", { signal: leave.signal }));
  await until(() => answer);
  leave.abort();
  assert.equal((await left).code, "aborted");
  answer();
  await soon();
  const again = one.get("job-1");
  await soon();
  answer();
  assert.equal((await again).id, "job-1");
});

test("a signal that was aborted before sends nothing; one that is not given is none", async () => {
  const fetch = async () => assert.fail("it was sent");
  const reason = new Error("too late");
  for (const call of ["generate", "get", "ping"]) {
    const given = call === "ping" ? [] : [call === "get" ? "job-1" : TIGER];
    const error = await caught(client({ fetch })[call](...given, { signal: AbortSignal.abort(reason) }));
    assert.deepEqual([error.code, error.cause], ["aborted", reason], call);
  }
  for (const signal of [null, undefined]) {
    assert.equal((await client({ fetch: async () => json(DONE) }).get("job-1", { signal })).id, "job-1");
  }
});

test("a request that is over is not aborted, whatever becomes of its call", async () => {
  const simulator = createSimulator({ clock: "auto" });
  let aborts = 0;
  const signals = [];
  const fetch = (url, init) => {
    signals.push(init.signal);
    init.signal.addEventListener("abort", () => aborts++);
    return simulator.fetch(url, init);
  };
  const one = client({ fetch, clock: simulator.clock });
  await one.generate(TIGER);
  await caught(one.get("none"));
  await caught(one.generate({ prompt: "no" }));
  const leave = new AbortController();
  const onUpdate = ({ state }) => state === "dreaming" && leave.abort();
  await caught(one.generate(TIGER, { signal: leave.signal, onUpdate }));
  await soon(20);
  assert.ok(signals.length > 5);
  assert.deepEqual([aborts, signals.some(({ aborted }) => aborted)], [0, false]);
});

test("a request that takes too long is aborted", async () => {
  const signals = [];
  const fetch = (_url, { signal }) => (signals.push(signal), never());
  const error = await caught(client({ fetch, timeout: 1000, maxRetries: 0 }).get("job-1"));
  assert.equal(error.code, "timeout");
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

test("a redirect is not followed, so that no other origin sees the key", async (t) => {
  const elsewhere = [];
  const other = await serve(t, ({ headers }, answer) => (elsewhere.push(headers), answer.end("{}")));
  for (const status of [301, 302, 303, 307, 308]) {
    const asked = [];
    const baseUrl = await serve(
      t,
      ({ method }, answer) => (asked.push(method), answer.writeHead(status, { location: other }).end("moved")),
    );
    const one = client({ baseUrl, maxRetries: 0, recovery: "report" });
    const read = await caught(one.get("job-1"));
    assert.deepEqual([read.code, read.status], ["protocol", status]);
    const made = await caught(one.create(TIGER));
    // A 302 or 303 may be the way to what was made; the others say that it is to be asked for elsewhere.
    const doubt = status === 302 || status === 303;
    assert.equal(made.code, doubt ? "unknown_outcome" : "protocol");
    for (const { message } of [read, doubt ? made.cause : made]) assert.match(message, /answered with a redirect: check baseUrl/);
    assert.deepEqual(asked, ["GET", "POST"]);
  }
  assert.deepEqual(elsewhere, []);
});

test("a redirect as a page sees it is an error that says what to check", async () => {
  const opaque = { type: "opaqueredirect", status: 0, headers: new Headers(), text: async () => "" };
  const fetch = async (_url, { redirect }) => (redirect === "manual" ? opaque : assert.fail("followed"));
  const one = client({ fetch, maxRetries: 0, recovery: "report" });
  const read = await caught(one.get("job-1"));
  const made = await caught(one.create(TIGER));
  for (const { code, message } of [read, made.cause]) {
    assert.deepEqual([code, message], ["protocol", "dream-machine answered with a redirect: check baseUrl"]);
  }
});

test("a page is told nothing of why a request failed, so the message says what to check", async () => {
  for (const words of ["Failed to fetch", "NetworkError when attempting to fetch resource.", "Load failed"]) {
    const fetch = () => Promise.reject(new TypeError(words));
    const error = await caught(client({ fetch, maxRetries: 0, recovery: "report" }).create(TIGER));
    assert.equal(error.code, "unknown_outcome");
    assert.match(error.message, /\(check the network, baseUrl, this page's CSP, and whether that server allows its origin\)/);
    const jobs = createJobsClient({ baseUrl: "https://worker.example.com", fetch, clock: createSimulator({ clock: 100 }).clock });
    const { code, message } = await caught(jobs.get("job_1"));
    assert.equal(code, "network");
    assert.match(message, /whether that server allows its origin/);
  }
});
