// What the client asks of its surroundings (store, clock, page, network), and that what is the caller's own cannot hurt it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { fastClock } from "../../bench/fast-time.mjs";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const never = () => new Promise(() => {});
/** How much faster than real time the clocks go where it cannot pass by itself. */
const SPEED = 60;

const soon = () => new Promise((resolve) => setTimeout(resolve));

/** What is settled from outside. */
function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** A simulator in which time passes by itself, and its clients. */
function world() {
  const simulator = createSimulator({ clock: "auto" });
  return {
    simulator,
    client: (options) => createClient({ apiKey: "any-key", fetch: simulator.fetch, clock: simulator.clock, ...options }),
  };
}

/** Whether a promise has settled, when all that can happen has happened. */
async function settles(promise) {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 20 && !settled; turn++) await soon();
  return settled;
}

test("a store that gives no entries is told of, however it fails", async () => {
  const { client } = world();
  const refuse = () => {
    throw new Error("no room");
  };
  for (const getAll of [refuse, async () => refuse(), async () => undefined]) {
    await assert.rejects(client({ store: { ...memoryStore(), getAll } }).resume(), { code: "store", message: /no room|not iterable/ });
  }
});

test("a call settles when its writes are durable; one that fails is no unhandled rejection", async () => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  for (const end of ["resolve", "reject"]) {
    const { simulator, client } = world();
    const gate = deferred();
    const deletes = [];
    const store = { ...memoryStore(), delete: (key) => (deletes.push(key), gate.promise) };
    const making = client({ store }).generate(TIGER);
    while (!deletes.length) await soon();
    assert.equal(await settles(making), false);
    gate[end](new Error("no room"));
    assert.equal((await making).state, "completed");
    assert.equal((await simulator.generations()).length, 1);
  }
  await soon();
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("a lock that comes when nobody waits for it any more is released; a release that throws costs nothing", async () => {
  const { simulator, client } = world();
  const gate = deferred();
  let asked = 0;
  let released = 0;
  const store = { ...memoryStore(), lock: () => (asked++, gate.promise) };
  const leave = new AbortController();
  const making = client({ store }).generate(TIGER, { signal: leave.signal });
  while (!asked) await soon();
  leave.abort();
  await assert.rejects(making, { code: "aborted" });
  gate.resolve(() => {
    released++;
    throw new Error("no matter");
  });
  while (released < asked) await soon();
  await soon();
  assert.equal(released, asked);
  assert.equal((await simulator.generations()).length, 0);

  const careless = { ...memoryStore(), lock: async () => () => assert.fail("no matter") };
  assert.equal((await client({ store: careless }).generate(TIGER)).state, "completed");
});

test("who follows another's job is told by the store of a change, or by time where it cannot tell", async () => {
  for (const tells of [
    (store) => store.changed,
    () => undefined,
    () => () => assert.fail("cannot"),
    () => async () => assert.fail("cannot"),
  ]) {
    const simulator = createSimulator({ clock: SPEED, durations: 10_000 });
    const client = (options) => createClient({ apiKey: "any-key", fetch: simulator.fetch, clock: fastClock(SPEED), ...options });
    const store = memoryStore();
    const gate = deferred();
    let asked = false;
    const holder = client({
      store,
      onEvent: ({ type }) => {
        asked ||= type === "request";
      },
      fetch: async (...request) => (await gate.promise, simulator.fetch(...request)),
    });
    const making = holder.generate(TIGER);
    while (!asked) await soon();
    const [{ done }] = await client({ store: { ...store, changed: tells(store) } }).resume();
    gate.resolve();
    assert.deepEqual([(await making).state, (await done).state], ["completed", "completed"]);
    assert.equal((await simulator.generations()).length, 1);
    simulator.close();
  }
});

test("who stops following another's job stops listening to the store", async () => {
  const { client } = world();
  const store = memoryStore();
  let asked = false;
  const event = ({ type }) => {
    asked ||= type === "request";
  };
  client({ store, fetch: never, onEvent: event })
    .generate(TIGER)
    .catch(() => {});
  while (!asked) await soon();
  const signals = [];
  const changed = (signal) => (signals.push(signal), never());
  const leave = new AbortController();
  const clock = { now: () => Date.now(), sleep: never };
  const [{ done }] = await client({ store: { ...store, changed }, clock }).resume({ signal: leave.signal });
  while (!signals.length) await soon();
  assert.equal(signals[0].aborted, false);
  leave.abort();
  await assert.rejects(done, { code: "aborted" });
  assert.ok(signals.every(({ aborted }) => aborted));
});

let copies = 0;
/** A client of a page whose job runs, and that waits to poll again; the number of its polls. */
async function waitingInPage(t, page, listeners, now) {
  const addEventListener = (type, listener) => (listeners[type] = listener);
  Object.assign(globalThis, { document: page, addEventListener });
  t.after(() => ["document", "addEventListener"].forEach((name) => delete globalThis[name]));
  const { createClient } = await import(`../../dist/entries/index.js?page=${copies++}`);
  const job = {
    id: "some-id",
    state: "dreaming",
    assets: { video: "https://files.example/tiger.mp4" },
    created_at: new Date().toISOString(),
    model: "ray-2",
    request: TIGER,
  };
  const polls = { count: 0, state: "dreaming" };
  let created = false;
  let waits = false;
  const sleep = () => {
    waits ||= created;
    return never();
  };
  const fetch = async (_url, { method }) => {
    if (method === "GET") polls.count++;
    else created = true;
    return Response.json({ ...job, state: polls.state }, { status: method === "POST" ? 201 : 200 });
  };
  const client = createClient({ apiKey: "any-key", fetch, clock: { now, sleep } });
  polls.done = client.generate(TIGER);
  while (!waits) await soon();
  for (let turn = 0; turn < 10; turn++) await soon();
  assert.equal(polls.count, 0, "the first poll comes when such a job is usually done");
  return polls;
}

test("whoever comes back to the page ends the waits", async (t) => {
  const page = { hidden: true };
  const listeners = {};
  let now = 1_790_000_000_000;
  const polls = await waitingInPage(t, page, listeners, () => now);
  now += 10_000;
  polls.state = "completed";
  listeners.visibilitychange(); // it was hidden
  for (let turn = 0; turn < 20; turn++) await soon();
  assert.equal(polls.count, 0);
  page.hidden = false;
  listeners.visibilitychange();
  listeners.focus();
  assert.equal((await polls.done).state, "completed");
  assert.ok(polls.count >= 1);
});

test("a machine that slept ends the waits: its timers stood still, the calendar did not", async (t) => {
  const { setTimeout } = globalThis;
  const timers = [];
  t.mock.method(globalThis, "setTimeout", (task, ms, ...more) => (ms === 5000 ? timers.push(task) : setTimeout(task, ms, ...more)));
  let now = 1_790_000_000_000;
  const polls = await waitingInPage(t, { hidden: false }, {}, () => now);
  const asleep = () => timers.splice(0).forEach((task) => task());
  assert.ok(timers.length > 0);
  asleep();
  for (let turn = 0; turn < 20; turn++) await soon();
  assert.equal(polls.count, 0);
  now += 3_600_000;
  polls.state = "completed";
  const { now: machine } = Date;
  t.mock.method(Date, "now", () => machine() + 3_600_000);
  asleep();
  assert.equal((await polls.done).state, "completed");
});

test("a wait by a clock that fails is one by the machine's, and one that is left is ended", async () => {
  const answers = () => {
    let first = true;
    return async () => {
      if (!first) return Response.json({ message: "pong" });
      first = false;
      return new Response("", { status: 503, headers: { "retry-after-ms": "20" } });
    };
  };
  for (const clock of [{}, { sleep: () => assert.fail("cannot") }, { sleep: async () => assert.fail("cannot") }]) {
    const start = performance.now();
    await createClient({ apiKey: "any-key", fetch: answers(), clock }).ping();
    assert.ok(performance.now() - start > 18);
  }

  const signals = [];
  const leave = new AbortController();
  const clock = { now: () => Date.now(), sleep: (_ms, signal) => (signals.push(signal), never()) };
  const waiting = createClient({ apiKey: "any-key", fetch: answers(), clock }).ping({ signal: leave.signal });
  while (!(await settles(Promise.resolve())) || signals.length < 2) await soon();
  leave.abort();
  await assert.rejects(waiting, { code: "aborted" });
  assert.equal(signals.at(-1).aborted, true);
});

test("a redirect is not followed, so that no other origin sees the key", async (t) => {
  const serve = async (answer) => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  };
  const elsewhere = [];
  const other = await serve(({ headers }, answer) => (elsewhere.push(headers), answer.end("{}")));
  let status;
  const own = await serve((request, answer) => {
    request.resume();
    answer.writeHead(status, { location: `${other}/` }).end("moved");
  });
  const { ping, create } = createClient({ apiKey: "a-key", baseUrl: own, maxRetries: 0, whenLost: "report" });
  for (status of [301, 302, 303, 307, 308]) {
    await assert.rejects(ping(), { code: "protocol", status });
    await assert.rejects(create(TIGER), ({ code }) => ["protocol", "unknown_outcome"].includes(code));
  }
  assert.deepEqual(elsewhere, []);
  // As a page sees it.
  const opaque = { status: 0, headers: new Headers(), text: async () => "" };
  const page = createClient({ apiKey: "a-key", maxRetries: 0, fetch: async (_url, { redirect }) => redirect === "manual" && opaque });
  await assert.rejects(page.ping(), { code: "protocol" });
});
