// The caller's signals, and what thousands of calls leave behind: nothing.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { caught, DONE, freshCopy, json, never, soon, until } from "./scripted.mjs";

/** Counts what is listened for on a signal. */
function watched(signal) {
  const counts = { added: 0, removed: 0 };
  for (const [name, count] of [
    ["addEventListener", "added"],
    ["removeEventListener", "removed"],
  ]) {
    const own = signal[name];
    signal[name] = function (...given) {
      counts[count]++;
      return own.apply(this, given);
    };
  }
  return counts;
}

/** The warnings of leaks while the work lasts. */
async function warningsIn(work) {
  const warnings = [];
  const note = ({ name }) => warnings.push(name);
  process.on("warning", note);
  await work();
  await soon(20);
  process.off("warning", note);
  return warnings.filter((name) => name === "MaxListenersExceededWarning");
}

test("five hundred calls listen to their signal once, and no longer than the last of them lasts", async () => {
  const { signal } = new AbortController();
  const counts = watched(signal);
  let answer;
  const open = new Promise((resolve) => (answer = resolve));
  const one = createClient({ apiKey: "signals-1", fetch: async (url) => (await open, json({ ...DONE, id: url.split("/").at(-1) })) });
  const warnings = await warningsIn(async () => {
    const calls = Array.from({ length: 500 }, (_, index) => one.get(`job-${index}`, { signal }));
    await one.validate({});
    await soon(20);
    assert.deepEqual([counts, getEventListeners(signal, "abort").length], [{ added: 1, removed: 0 }, 1]);
    answer();
    await Promise.all(calls);
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual([counts, getEventListeners(signal, "abort").length], [{ added: 1, removed: 1 }, 0]);
  await one.get("job-1", { signal });
  assert.deepEqual([counts.added, counts.removed], [2, 2]);
});

test("five hundred jobs and their waits listen once too, and an abort ends them all", async () => {
  const leave = new AbortController();
  const counts = watched(leave.signal);
  const sent = [];
  const fetch = (_url, { signal }) => (sent.push(signal), never());
  const one = createClient({ apiKey: "signals-2", fetch, limits: "none" });
  const warnings = await warningsIn(async () => {
    const calls = Array.from({ length: 500 }, (_, index) =>
      caught(one.generate({ model: "ray-2", prompt: `Tiger ${index}` }, { signal: leave.signal })),
    );
    await until(() => sent.length > 100);
    assert.equal(counts.added, 1);
    leave.abort("enough");
    for (const { code, cause } of await Promise.all(calls)) assert.deepEqual([code, cause], ["aborted", "enough"]);
  });
  assert.deepEqual(warnings, []);
  assert.ok(sent.every(({ aborted }) => aborted));
  assert.equal(getEventListeners(leave.signal, "abort").length, 0);
  assert.equal(counts.added, counts.removed);
});

test("calls that fail before they wait leave no listener", async () => {
  const { signal } = new AbortController();
  const one = createClient({ apiKey: "signals-3", fetch: () => assert.fail() });
  await caught(one.generate({}, { signal }));
  await caught(one.get(7, { signal }));
  await caught(one.poll({}, { signal, timeout: -1 }));
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

/** A fresh copy, and the instance of its wasm. */
async function watchedCopy(t) {
  const { instantiate } = WebAssembly;
  let memory;
  let tables;
  t.mock.method(WebAssembly, "instantiate", async (...given) => {
    const made = await instantiate(...given);
    const exports = Object.values(made.exports);
    memory = exports.find((value) => value instanceof WebAssembly.Memory);
    tables = exports.filter((value) => value instanceof WebAssembly.Table);
    return made;
  });
  const { createClient, preload } = await freshCopy();
  await preload();
  return { createClient, size: () => [memory.buffer.byteLength, ...tables.map(({ length }) => length)] };
}

for (const [count, name, call] of [
  [20_000, "calls", (one, signal) => one.get("job-1", { signal })],
  [5000, "calls that are aborted", (one, signal, leave) => (queueMicrotask(() => leave.abort()), caught(one.get("job-1", { signal })))],
  [5000, "calls that fail", (one, signal) => caught(one.get("", { signal }))],
]) {
  test(`${count} ${name} with a signal each leave no listener, and nothing in the wasm`, async (t) => {
    const { createClient, size } = await watchedCopy(t);
    const one = createClient({ apiKey: "signals-4", fetch: async () => json(DONE) });
    const run = async (count) => {
      while (count--) {
        const leave = new AbortController();
        await call(one, leave.signal, leave);
        if (getEventListeners(leave.signal, "abort").length) assert.fail("a listener is left");
      }
    };
    await run(1000);
    const before = size();
    await run(count - 1000);
    assert.deepEqual(size(), before);
  });
}

for (const [name, fetch] of Object.entries({
  "answers without a text": async () => new Response(""),
  "answers that are not JSON": async () => new Response("<html>", { status: 500 }),
  "answers without headers": async () => ({ status: 200, text: async () => "{}" }),
  "requests that fail": async () => assert.fail("it broke off"),
  "requests that fail with a cause": async () => Promise.reject(new Error("it broke off", { cause: new Error("no address") })),
  "requests that fail with a text": async () => Promise.reject("it broke off"),
  "requests that cannot begin": () => assert.fail("no address"),
})) {
  test(`5000 ${name} leave nothing in the wasm`, async (t) => {
    const { createClient, size } = await watchedCopy(t);
    const one = createClient({ apiKey: "signals-7", fetch, maxRetries: 0 });
    const run = async (count) => {
      while (count--) await one.ping().catch(() => {});
    };
    await run(1000);
    const before = size();
    await run(4000);
    assert.deepEqual(size(), before);
  });
}

test("5000 calls with one signal leave nothing either", async (t) => {
  const { createClient, size } = await watchedCopy(t);
  const one = createClient({ apiKey: "signals-5", fetch: async () => json(DONE) });
  const { signal } = new AbortController();
  const run = async (count) => {
    while (count--) await one.get("job-1", { signal });
  };
  await run(1000);
  const before = size();
  await run(4000);
  assert.deepEqual([size(), getEventListeners(signal, "abort").length], [before, 0]);
});

test("jobs with a store, updates and events leave nothing in the wasm, when what is kept for an hour is over", async (t) => {
  // Tickets' ids are random, and how they lie in memory decides when that grows: here they are the same each time.
  let seed = 1;
  t.mock.method(Math, "random", () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647);
  const { createClient, size } = await watchedCopy(t);
  const entries = new Map();
  const store = {
    getAll: async () => entries,
    put: async (key, value) => void entries.set(key, value),
    delete: async (key) => void entries.delete(key),
  };
  let time = Date.parse("2026-11-20");
  const sleep = (_ms, signal) => new Promise((resolve) => signal.addEventListener("abort", resolve));
  let made = 0;
  const fetch = async (url, { method }) => {
    const job = { ...DONE, created_at: new Date(time).toISOString() };
    return method === "POST" ? json({ ...job, id: `job-${made++}` }, 201) : json({ ...job, id: url.split("/").at(-1) });
  };
  const one = createClient({ apiKey: "signals-6", fetch, store, limits: "none", clock: { now: () => time, sleep }, onEvent() {} });
  const run = async (count) => {
    while (count--) {
      await one.generate({ model: "ray-2", prompt: "A tiger" }, { signal: new AbortController().signal, onUpdate() {} });
      time += 600_000;
    }
  };
  await run(12_000); // lists that are kept short have their length
  const before = size();
  await run(3000);
  assert.deepEqual([size(), made], [before, 15_000]);
});

test("a signal of the caller's own that calls its listener at once stops no other call", async () => {
  const client = createClient({ apiKey: "signals-own", fetch: async () => json(DONE, 201) });
  const other = client.generate({ model: "ray-2", prompt: "A tiger" });
  const signal = { aborted: false, addEventListener: (_type, listener) => listener(), removeEventListener() {} };
  const made = await Promise.all([other, client.generate({ model: "ray-2", prompt: "A fox" }, { signal })]);
  assert.deepEqual(
    made.map(({ state }) => state),
    ["completed", "completed"],
  );
});
