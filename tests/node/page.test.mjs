// A page whose tab is hidden, shown again or asleep, played with a document and events on the global object: each test has a copy of the
// package of its own, since a copy looks for the document once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { freshCopy, JOB, json, provider, soon, standingClock, until } from "./scripted.mjs";

/** A page, as a browser has it. */
function openPage(t, hidden = false) {
  const page = { hidden };
  const events = new EventTarget();
  globalThis.document = page;
  globalThis.addEventListener = (...given) => events.addEventListener(...given);
  t.after(() => ["document", "addEventListener"].forEach((name) => delete globalThis[name]));
  return { page, tell: (type) => events.dispatchEvent(new Event(type)) };
}

/** Polls a job that runs; time stands still. */
async function polling(t) {
  const reads = [];
  const clock = standingClock();
  const fetch = provider(() => (reads.push(clock.now()), json(JOB)));
  const { createClient } = await freshCopy();
  const leave = new AbortController();
  t.after(() => leave.abort());
  const one = createClient({ apiKey: "page", fetch, clock });
  one.generate({ model: "ray-2", prompt: "A tiger" }, { signal: leave.signal }).catch(() => {});
  await until(() => clock.sleeps.length);
  await soon(20);
  return { reads, clock };
}

for (const event of ["visibilitychange", "focus", "online", "pageshow"]) {
  test(`who comes back to the page (${event}) ends the wait, once`, async (t) => {
    const { tell } = openPage(t);
    const { reads, clock } = await polling(t);
    assert.deepEqual(reads, []);
    clock.advance(20_000); // the timer has not fired
    tell(event);
    await until(() => reads.length);
    await soon(20);
    assert.equal(reads.length, 1);
    assert.ok(
      clock.sleeps.some(({ signal }) => signal.aborted),
      "the wait that it cut short",
    );
  });
}

test("an event of a page that stays hidden ends no wait", async (t) => {
  const { page, tell } = openPage(t, true);
  const { reads, clock } = await polling(t);
  clock.advance(20_000);
  tell("visibilitychange");
  await soon(20);
  assert.deepEqual(reads, []);
  page.hidden = false;
  tell("visibilitychange");
  await until(() => reads.length);
});

test("without a page nothing is listened to", async (t) => {
  const listened = [];
  globalThis.addEventListener = (type) => listened.push(type);
  t.after(() => delete globalThis.addEventListener);
  await polling(t);
  assert.deepEqual(listened, []);
});

/** How many reads there are in ten minutes of a job that goes on. */
async function readsInTenMinutes(t, hidden) {
  openPage(t, hidden);
  const { reads, clock } = await polling(t);
  const start = clock.now();
  const ended = new Set();
  while (clock.now() < start + 600_000) {
    const waiting = clock.sleeps.filter((sleep) => !ended.has(sleep) && !sleep.signal.aborted);
    const next = waiting.reduce((first, sleep) => (sleep.ms < first.ms ? sleep : first));
    ended.add(next);
    next.end();
    await soon(1);
  }
  return reads;
}

test("a page that nobody sees polls rarely", async (t) => {
  const seen = await readsInTenMinutes(t, false);
  const hidden = await readsInTenMinutes(t, true);
  const pauses = hidden.slice(1).map((time, index) => time - hidden[index]);
  assert.ok(
    pauses.every((pause) => pause >= 15_000),
    String(pauses),
  );
  assert.ok(hidden.length > 10 && hidden.length < seen.length, `${hidden.length} against ${seen.length}`);
});

test("a machine that slept polls at once: its timers stood still, the calendar did not", async (t) => {
  openPage(t);
  const { createClient, preload } = await freshCopy();
  await preload();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const settled = async () => {
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  const reads = [];
  const leave = new AbortController();
  t.after(() => leave.abort());
  const fetch = async (_url, { method }) => (
    method === "POST" || reads.push(method), json({ ...JOB, created_at: new Date().toISOString() })
  );
  createClient({ apiKey: "page", fetch })
    .generate({ model: "ray-2", prompt: "A tiger" }, { signal: leave.signal })
    .catch(() => {});
  await settled();

  for (let checks = 0; checks < 3; checks++) {
    t.mock.timers.tick(5000);
    await settled();
  }
  assert.deepEqual(reads, [], "awake, it waits for the job's usual time");
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 3_600_000);
  t.mock.timers.tick(5000);
  await settled();
  assert.deepEqual(reads, ["GET"]);
});

test("who leaves is not listened for: the calendar is watched while somebody waits", async (t) => {
  openPage(t);
  const { createClient } = await freshCopy();
  const timers = new Set();
  const { setTimeout: set } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, ms, ...given) => {
    if (ms === 5000) timers.add(run);
    return set(run, ms === 5000 ? 20 : ms, ...given);
  });
  const leave = new AbortController();
  const left = createClient({ apiKey: "page", fetch: provider(() => json(JOB)), clock: standingClock() })
    .generate({ model: "ray-2", prompt: "A tiger" }, { signal: leave.signal })
    .catch(({ code }) => code);
  await until(() => timers.size > 2);
  leave.abort();
  assert.equal(await left, "aborted");
  await soon(50);
  const { size } = timers;
  await soon(100);
  assert.equal(timers.size, size);
});
