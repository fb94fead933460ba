// JavaScript's side of the host: what it does for a task, whom it wakes, and that the caller's own code cannot hurt it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const TASK = 7;

/** A copy of its own, with nothing but a list in the place of the wasm that it wakes. */
async function load() {
  const from = ["host", "errand"].map((name) => fileURLToPath(new URL(`../../src/web/${name}.js`, import.meta.url)));
  const { outputFiles } = await build({
    stdin: { contents: [...from, "wasm"].map((path) => `export * from ${JSON.stringify(path)};`).join("\n"), resolveDir: "/" },
    plugins: [
      {
        name: "wasm",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^wasm$/ }, () => ({ path: "wasm", namespace: "list" }));
          onLoad({ filter: /./, namespace: "list" }, () => ({
            contents: "export const woken = []; export const wake = (task) => woken.push(task);",
          }));
        },
      },
    ],
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}//${Math.random()}`);
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

/** What is settled from outside. */
function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}

test("the entries of a store come as JSON, or as their text; a failure as its reason", async () => {
  const { load: entries, woken, taken } = await load();
  const store = {
    getAll: async () =>
      new Map([
        ["ticket:1", '{"state":"sent"}'],
        ["ticket:2", "{half"],
      ]),
  };
  const errand = entries(TASK, { store });
  assert.equal(taken(errand), false);
  await soon();
  assert.deepEqual(woken, [TASK]);
  assert.equal(taken(errand), true);
  assert.deepEqual(errand.value, {
    value: [
      ["ticket:1", { state: "sent" }],
      ["ticket:2", "{half"],
    ],
  });

  for (const getAll of [() => assert.fail("no room"), async () => assert.fail("no room"), async () => undefined]) {
    const failed = entries(TASK, { store: { getAll } });
    await soon();
    assert.match(failed.value.lost, /no room|not iterable/);
  }
});

test("a write begins at the call, goes on when it is left, and its task's end waits for it", async () => {
  const { write, leave, finish, woken } = await load();
  const calls = [];
  const { promise, resolve, reject } = deferred();
  const store = { put: (...entry) => (calls.push(entry), promise), delete: (key) => (calls.push([key]), promise) };
  leave(write(TASK, { store }, "ticket:1", { state: "sent" }));
  write(TASK + 1, { store }, "ticket:1");
  assert.deepEqual(calls, [["ticket:1", '{"state":"sent"}'], ["ticket:1"]]);

  const settled = [];
  finish(TASK, (value) => settled.push(value), "mine");
  finish(TASK + 2, (value) => settled.push(value), "another's");
  assert.deepEqual(settled, ["another's"]);
  reject(new Error("no room")); // which nobody awaits
  resolve();
  await soon();
  assert.deepEqual(settled, ["another's", "mine"]);
  assert.deepEqual(woken, [TASK + 1], "who left is not woken");
});

test("a lock that nobody takes any more is released", async () => {
  const { lock, leave, taken, release } = await load();
  let released = 0;
  const store = { lock: async () => () => released++ };
  const [early, late, used] = [1, 2, 3].map((key) => lock(TASK, { store }, `ticket:${key}`));
  leave(early);
  await soon();
  assert.equal(released, 1, "left before it came");
  leave(late);
  assert.equal(released, 2, "left before it was taken");
  assert.equal(taken(used), true);
  leave(used);
  assert.equal(released, 2);
  release(used.value.value);
  assert.equal(released, 3);
  release(() => assert.fail("no matter"));

  for (const [kind, store, given] of [
    ["is held by another", { lock: async () => undefined }, "undefined"],
    ["is not needed", {}, "function"],
  ]) {
    const errand = lock(TASK, { store }, "ticket:1");
    await soon();
    assert.equal(taken(errand), true, kind);
    assert.deepEqual([typeof errand.value.value, errand.value.lost], [given, undefined], kind);
  }
  const failed = lock(TASK, { store: { lock: () => Promise.reject(new Error("read-only")) } }, "ticket:1");
  await soon();
  assert.deepEqual([taken(failed), failed.value], [true, { lost: "read-only" }], "one that fails is not another's");
});

test("a change of the store ends a wait for it; where it cannot tell, time does", async () => {
  const { changed, leave, woken } = await load();
  for (const store of [{}, { changed: () => assert.fail() }, { changed: async () => assert.fail() }]) changed(TASK, { store }, Infinity);
  await soon();
  assert.deepEqual(woken, []);
  const limited = changed(TASK, { store: {} }, 1);
  while (!limited.over) await soon();

  let signal;
  const { promise, resolve } = deferred();
  const store = { changed: (given) => ((signal = given), promise) };
  leave(changed(TASK, { store }, Infinity));
  assert.equal(signal.aborted, true);
  changed(TASK, { store }, Infinity);
  resolve();
  await soon();
  assert.deepEqual(woken, [TASK, TASK]);
});

test("whoever comes back to the page ends the naps", async (t) => {
  const page = { hidden: true };
  const listeners = {};
  Object.assign(globalThis, { document: page, addEventListener: (type, listener) => (listeners[type] = listener) });
  t.after(() => ["document", "addEventListener"].forEach((name) => delete globalThis[name]));
  const { nap, leave, hidden, since, woken } = await load();
  const host = { clock: { now: () => 1000, sleep: () => new Promise(() => {}) } };
  nap(TASK, host, 60_000);
  leave(nap(TASK + 1, host, 60_000));
  assert.equal(hidden(), true);
  assert.equal(since(host), 0);

  listeners.visibilitychange(); // it was hidden
  assert.deepEqual(woken, []);
  page.hidden = false;
  listeners.visibilitychange();
  listeners.focus();
  assert.deepEqual(woken, [TASK]);
  assert.equal(hidden(), false);
  assert.equal(since(host), 1000);
  host.clock.now = () => 2000;
  assert.equal(since(host), 1000);
});

test("a machine that slept ends the naps: its timers stood still, the calendar did not", async (t) => {
  Object.assign(globalThis, { document: { hidden: false }, addEventListener() {} });
  t.after(() => ["document", "addEventListener"].forEach((name) => delete globalThis[name]));
  const { nap, woken } = await load();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const host = { clock: { now: () => 1000, sleep: () => new Promise(() => {}) } };
  nap(TASK, host, 600_000);
  t.mock.timers.tick(60_000);
  assert.deepEqual(woken, []);
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 3_600_000);
  t.mock.timers.tick(6000);
  assert.deepEqual(woken, [TASK]);
});

test("a wait by a clock that fails is one by the machine's, and one that is left ends", async () => {
  const { sleep, leave, woken } = await load();
  for (const clock of [{}, { sleep: () => assert.fail() }, { sleep: async () => assert.fail() }]) {
    const start = performance.now();
    const errand = sleep(TASK, { clock }, 20);
    while (!errand.over) await soon();
    assert.ok(performance.now() - start > 18);
  }
  assert.equal(woken.length, 3);

  let signal;
  leave(sleep(TASK, { clock: { sleep: (ms, given) => ((signal = given), new Promise(() => {})) } }, 20));
  assert.equal(signal.aborted, true);
  leave(sleep(TASK, {}, 1));
  sleep(TASK, {}, Infinity);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(woken.length, 3);
  sleep(TASK, {}, 0);
  assert.equal(woken.length, 4, "no wait at all");
});

test("a redirect is not followed, so that no other origin sees the key", async (t) => {
  const serve = async (answer) => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}/`;
  };
  const elsewhere = [];
  const other = await serve(({ headers }, answer) => (elsewhere.push(headers), answer.end("{}")));
  const own = await serve(({ url }, answer) => answer.writeHead(Number(url.slice(1)), { location: other }).end("moved"));
  const { exchange } = await load();
  for (const status of [301, 302, 303, 307, 308]) {
    for (const [method, body] of [["GET"], ["POST", { prompt: "A tiger" }]]) {
      const headers = { "x-api-key": "a-key", ...(body && { "content-type": "application/json" }) };
      const errand = exchange(TASK, { fetch }, `${own}${status}`, method, headers, body);
      while (!errand.over) await soon();
      assert.deepEqual([errand.value.status, errand.value.text], [status, "moved"], method);
    }
  }
  assert.deepEqual(elsewhere, []);
  // As a page sees it.
  const opaque = { status: 0, headers: new Headers(), text: async () => "" };
  const errand = exchange(TASK, { fetch: async (url, { redirect }) => redirect === "manual" && opaque }, own, "GET", {});
  while (!errand.over) await soon();
  assert.deepEqual([errand.value.status, errand.value.text], [0, ""]);
});
