// How far a job is: a fraction that never goes back, told between polls at a steady pace, at no cost when nobody listens.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };

let keys = 0;
function world(options) {
  const simulator = createSimulator({ clock: "auto", ...options });
  const polls = [];
  const onEvent = ({ type }) => type === "update" && polls.push(type);
  const client = createClient({ apiKey: `progress-${keys++}`, fetch: simulator.fetch, clock: simulator.clock, onEvent });
  return { simulator, client, polls };
}

function assertSteady(updates) {
  const fractions = updates.map(({ progress }) => progress.fraction);
  const states = updates.map(({ state }) => state);
  assert.deepEqual([fractions[0], fractions.at(-1), states.at(-1)], [0, 1, "completed"]);
  assert.ok(fractions.slice(0, -1).every((fraction) => fraction >= 0 && fraction < 1));
  assert.ok(
    fractions.every((fraction, index) => index === 0 || fraction >= fractions[index - 1]),
    "never back",
  );
}

// As long as it is thought, a quarter of that, four times as much.
for (const durations of [75_000, 18_000, 300_000]) {
  test(`a job of ${durations / 1000} s is told of between polls, twice a second`, async () => {
    const { client } = world({ durations });
    const updates = [];
    await client.generate(TIGER, { onUpdate: (update) => updates.push(update) });
    assertSteady(updates);
    const times = updates.map(({ progress }) => progress.elapsed);
    assert.ok(
      times.every((time, index) => index === 0 || time - times[index - 1] <= 1000),
      "without a gap",
    );
    assert.ok(updates.length <= (durations / 1000) * 3 + 20, `${updates.length} updates`);
    assert.ok(updates.every(({ id }) => id === updates[0].id));
  });
}

test("its pace can be chosen, and polls alone be told", async () => {
  for (const [progressInterval, least, most] of [
    [Infinity, 5, 30],
    [2 ** 31, 5, 30], // more than a timer takes: it would fire at once, again and again
    [5000, 15, 50],
    [1, 290, 420], // no more than five in a second
  ]) {
    const { client, polls } = world({ durations: 60_000 });
    const updates = [];
    await client.generate(TIGER, { progressInterval, onUpdate: (update) => updates.push(update) });
    assertSteady(updates);
    assert.ok(updates.length >= least && updates.length <= most, `${progressInterval}: ${updates.length}`);
    if (progressInterval >= 2 ** 31) assert.equal(updates.length, polls.length + 1);
  }
});

test("each way to wait tells it", async () => {
  const { client } = world({ durations: 60_000, limits: "none" });
  const heard = [[], [], []];
  await client.generateAll([TIGER, TIGER], { onUpdate: (update, index) => heard[index].push(update) });
  const job = await client.create(TIGER);
  for await (const update of client.watch(job)) heard[2].push(update);
  for (const updates of heard.slice(0, 2)) assertSteady(updates);
  assert.ok(heard.every((updates) => updates.length > 100));
  assert.equal(heard[2].at(-1).progress.fraction, 1);
  for await (const only of client.watch(await client.get(job))) assert.deepEqual([only.state, only.progress.fraction], ["completed", 1]);
});

test("a slow reader of watch gets the newest, not all that it missed", async () => {
  const { simulator, client } = world({ clock: "manual", durations: 60_000 });
  const made = client.create(TIGER);
  while (!(await simulator.stats()).created.video) await simulator.advance(100);
  await simulator.advance(1000);
  const watching = client.watch(await made)[Symbol.asyncIterator]();
  const first = watching.next();
  await simulator.advance(3000);
  await first;
  await simulator.advance(50_000);
  let rest = 0;
  const next = (async () => {
    while (!(await watching.next()).done) rest++;
  })();
  await simulator.advance(20_000);
  await next;
  assert.ok(rest < 60, `${rest} updates of 100 ticks and some polls`);
});

test("a job that fails does not come to 1", async () => {
  const { client } = world();
  const updates = [];
  await assert.rejects(client.generate({ ...TIGER, prompt: "[fail:job] A tiger" }, { onUpdate: (update) => updates.push(update) }));
  assert.equal(updates.at(-1).state, "failed");
  assert.ok(updates.every(({ progress }) => progress.fraction < 1));
});

test("after an abort nothing more is told", async () => {
  const { simulator, client } = world({ clock: "manual" });
  const leave = new AbortController();
  let told = 0;
  const job = client.generate(TIGER, { signal: leave.signal, onUpdate: () => told++ });
  while (told < 5) await simulator.advance(100);
  leave.abort();
  await assert.rejects(job, { code: "aborted" });
  const before = told;
  await simulator.advance(60_000);
  assert.equal(told, before);
});

test("a pace beyond what a timer takes is none, by the machine's time too", async () => {
  const clock = { now: () => Date.now(), sleep: () => new Promise(() => {}) };
  const job = { id: "a", state: "queued", created_at: new Date(), generation_type: "video" };
  const client = createClient({ apiKey: `progress-${keys++}`, clock, fetch: async () => Response.json(job, { status: 201 }) });
  const leave = new AbortController();
  const told = [];
  const onUpdate = ({ state }) => told.push(state);
  const waiting = client.generate(TIGER, { signal: leave.signal, onUpdate, progressInterval: 2 ** 31 });
  while (!told.length) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = told.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  leave.abort();
  await assert.rejects(waiting, { code: "aborted" });
  assert.equal(told.length, before);
});

test("it keeps no process alive, and tells at the machine's pace on a clock of the caller's", async () => {
  // A clock that never ends a wait: nothing else would end this process.
  const program = `
    import { createClient } from "luma-edge";
    const job = { id: "a", state: "queued", created_at: new Date(), generation_type: "video" };
    let told = 0;
    const clock = { now: () => Date.now(), sleep: () => new Promise(() => {}) };
    createClient({ apiKey: "any", clock, fetch: async () => Response.json(job, { status: 201 }) })
      .generate({ model: "ray-2", prompt: "A tiger" }, { progressInterval: 200, onUpdate: () => told++ });
    // For a while something else does.
    setTimeout(() => console.log(told), 1500);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
  assert.ok(Number(stdout) >= 3 && Number(stdout) <= 8, stdout);
});
