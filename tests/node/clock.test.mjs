// The caller's clock, and the machine's where that fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { caught, DONE, JOB, json, never, provider, soon, standingClock, TIGER, until } from "./scripted.mjs";

const running = provider(() => json(JOB));
const client = (options) => createClient({ apiKey: "clock", baseUrl: `http://127.0.0.1/${Math.random()}`, fetch: running, ...options });

test("a wait by a clock that cannot wait is one by the machine's timers", async () => {
  const failures = {
    throws: () => assert.fail("no time"),
    rejects: async () => assert.fail("no time"),
  };
  for (const [name, sleep] of Object.entries(failures)) {
    const start = performance.now();
    const error = await caught(client({ clock: { now: () => Date.now(), sleep } }).poll("job-1", { timeout: 60 }));
    const waited = performance.now() - start;
    assert.deepEqual([error.code, waited > 55 && waited < 1000], ["timeout", true], `${name}: ${waited} ms`);
  }
});

test("a clock that cannot tell the time is read as the machine's", async () => {
  for (const now of [() => assert.fail("no time"), () => "noon", () => undefined]) {
    const elapsed = [];
    const fetch = async () => (await soon(30), json(DONE));
    const onEvent = ({ type, elapsed: ms }) => type === "response" && elapsed.push(ms);
    assert.equal((await client({ fetch, onEvent, clock: { now, sleep: never } }).poll("job-1")).state, "completed");
    assert.ok(elapsed[0] >= 29 && elapsed[0] < 1000, String(elapsed));
  }
});

test("a clock's methods keep their object, and get each wait with a signal of its own", async () => {
  class Clock {
    #time = Date.parse(JOB.created_at);
    waits = [];
    now() {
      return this.#time;
    }
    async sleep(ms, signal) {
      this.waits.push({ ms, signal });
      await soon(1);
      this.#time += ms;
    }
  }
  const clock = new Clock();
  let reads = 0;
  const fetch = provider(() => json(reads++ < 3 ? JOB : DONE));
  assert.equal((await client({ clock, fetch }).generate(TIGER)).state, "completed");
  assert.ok(clock.waits.length > 3);
  assert.equal(new Set(clock.waits.map(({ signal }) => signal)).size, clock.waits.length);
  for (const { ms, signal } of clock.waits) assert.ok(ms > 0 && signal instanceof AbortSignal);
});

test("an abort ends every wait at once, also one that the clock goes on with", async () => {
  const clock = standingClock();
  const leave = new AbortController();
  const left = caught(client({ clock }).generate(TIGER, { signal: leave.signal, timeout: 600_000 }));
  await until(() => clock.sleeps.length > 1);
  await soon();
  leave.abort();
  for (const { ms, signal } of clock.sleeps) assert.equal(signal.aborted, true, `${ms} ms`);
  assert.equal((await left).code, "aborted");
  const { length } = clock.sleeps;
  for (const { end } of clock.sleeps) end();
  await soon();
  assert.equal(clock.sleeps.length, length, "what ends late wakes nobody");
});

test("a wait that is over is not aborted", async () => {
  const clock = standingClock();
  let reads = 0;
  const fetch = provider(() => json(reads++ < 3 ? JOB : DONE));
  const aborted = new Set();
  const work = client({ clock, fetch }).generate(TIGER);
  const ended = [];
  while (!(await Promise.race([work, soon(2)]))) {
    // The nearest one, as time would.
    const [next] = clock.sleeps.filter((sleep) => !ended.includes(sleep) && !sleep.signal.aborted).sort((a, b) => a.ms - b.ms);
    next?.signal.addEventListener("abort", () => aborted.add(next));
    next?.end();
    ended.push(next);
  }
  assert.ok(ended.length > 3);
  assert.equal(aborted.size, 0);
});

test("an abort clears the machine's timers, of a wait as of a request", async (t) => {
  const open = new Set();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  t.mock.method(globalThis, "setTimeout", (...given) => {
    const timer = set(...given);
    if (given[1] > 1000) open.add(timer);
    return timer;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => (open.delete(timer), clear(timer)));
  for (const [place, options] of [
    ["a wait", {}],
    ["a request", { fetch: never }],
  ]) {
    const leave = new AbortController();
    const left = caught(client(options).generate(TIGER, { signal: leave.signal, timeout: 600_000 }));
    await until(() => open.size);
    await soon(20);
    leave.abort();
    assert.equal(open.size, 0, place);
    assert.equal((await left).code, "aborted");
  }
});

test("a wait longer than a timer can be is in pieces", async (t) => {
  const waits = [];
  const { setTimeout: set } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, ms, ...given) =>
    ms > 1e6 ? (waits.push(ms), set(run, 0, ...given)) : set(run, ms, ...given),
  );
  const error = await caught(client().poll("job-1", { timeout: 5e9 }));
  assert.equal(error.code, "timeout");
  const longest = 2 ** 31 - 1; // longer than this, in ms, a timer of JavaScript fires at once
  assert.deepEqual(waits, [longest, longest, 5e9 - 2 * longest]);
});
