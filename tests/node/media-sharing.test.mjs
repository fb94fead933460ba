// Uploads that several calls share: the same bytes go once, and only a few files at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caught, mp4, PNG, PROMPT, png, STORED, URL_1, world } from "./media.mjs";

test("the same bytes are handed over once, by whatever object and however often at the same time", async () => {
  const { client, stored, sent } = world();
  const file = png();
  const request = { ...PROMPT, keyframes: { frame0: file, frame1: png() } };
  await Promise.all([client.create(request), client.create(request), client.upload(new File([PNG], "a.png", { type: "image/png" }))]);
  await client.create({ ...PROMPT, keyframes: { frame0: PNG } });
  assert.equal(await client.upload(file), URL_1);
  assert.equal(stored.length, 1);
  assert.deepEqual((await sent()).keyframes, { frame0: { type: "image", url: URL_1 } });
  await client.create({ ...PROMPT, keyframes: { frame0: png("!") } });
  assert.equal(stored.length, 2);
  await world().client.upload(file); // another client is told nothing
});

test("an address of the caller's is used again for ten minutes", async () => {
  const { client, simulator, stored } = world();
  const file = png();
  await client.upload(file);
  await simulator.advance(9 * 60_000);
  await client.upload(file);
  assert.equal(stored.length, 1);
  await simulator.advance(2 * 60_000);
  await client.upload(file);
  assert.equal(stored.length, 2);
});

test("of a batch, a few files are on their way at once, and one that fails fails alone", async () => {
  let [under, most] = [0, 0];
  const { client, stored } = world({
    async upload(file) {
      most = Math.max(most, ++under);
      // Until four are under way, and a fifth would be.
      do await new Promise((resolve) => setTimeout(resolve));
      while (most < 4);
      under--;
      if (file.size === PNG.length + 3) throw new Error("unlucky");
      return `${STORED}${file.size}`;
    },
  });
  const requests = Array.from({ length: 12 }, (_, index) => ({ ...PROMPT, image_ref: [png("x".repeat(index))] }));
  const results = await client.generateAll(requests);
  assert.deepEqual(results.map(({ status }, index) => status === "rejected" && index).filter(Boolean), [3]);
  assert.deepEqual(
    results.map(({ request }) => request),
    requests,
  );
  assert.deepEqual([most, stored.length], [4, 12]);
});

/** An upload option that waits until it is let go. */
function gate() {
  const waiting = [];
  const upload = (_, { signal }) =>
    new Promise((resolve, reject) => waiting.push({ signal, end: () => resolve(`${STORED}${waiting.length}`), reject }));
  const begun = async (count = 1) => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve));
  };
  return { upload, waiting, begun };
}

test("an abort is felt at once while a file is handed over; who wants the same file goes on", async () => {
  const { upload, waiting, begun } = gate();
  const { client, created } = world({ upload });
  const [one, two] = [new AbortController(), new AbortController()];
  const request = { ...PROMPT, keyframes: { frame0: png() } };
  const first = caught(client.generate(request, { signal: one.signal }));
  const second = caught(client.generate(request, { signal: two.signal }));
  await begun();
  one.abort("enough");
  const error = await first;
  assert.deepEqual([error.name, error.code, error.cause], ["AbortError", "aborted", "enough"]);
  assert.equal(waiting[0].signal.aborted, false);
  two.abort();
  assert.equal((await second).code, "aborted");
  assert.equal(waiting[0].signal.aborted, true, "nobody wants it any more");
  assert.equal((await caught(client.generate(request, { signal: AbortSignal.abort() }))).code, "aborted");

  const third = client.create(request);
  await begun(2);
  waiting[1].end();
  await third;
  assert.deepEqual([waiting.length, await created()], [2, 1]);
  const three = new AbortController();
  const alone = caught(client.upload(mp4(), { signal: three.signal }));
  await begun(3);
  three.abort();
  assert.equal((await alone).code, "aborted");
});

const turns = () => new Promise((resolve) => setTimeout(resolve, 3));

/** Lets seconds go by until it is so. */
async function secondsUntil(t, isSo) {
  for (let seconds = 0; !isSo(); seconds++) {
    assert.ok(seconds < 600, "it is never so");
    t.mock.timers.tick(1_000);
    await turns();
  }
}

/** An upload option that takes so many seconds, reports no progress, and counts. */
function slow(t, seconds) {
  const counted = { begun: 0, under: 0, most: 0 };
  const upload = async () => {
    counted.begun++;
    counted.most = Math.max(counted.most, ++counted.under);
    const end = Date.now() + seconds * 1_000;
    await new Promise((resolve) => {
      const timer = setInterval(() => Date.now() >= end && (clearInterval(timer), resolve()), 1_000);
    });
    counted.under--;
    return `${STORED}${counted.begun}`;
  };
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  return { counted, upload };
}

test("a slow upload that reports no progress is waited for, by all who want it", async (t) => {
  const { counted, upload } = slow(t, 70);
  const { client } = world({ upload });
  const file = png();
  const told = [];
  for (let i = 0; i < 6; i++) client.upload(file).then((url) => told.push(url));
  await secondsUntil(t, () => told.length === 6);
  assert.equal(counted.begun, 1);
  assert.deepEqual(new Set(told), new Set([URL_1]));
});

test("of many slow uploads, a few are on their way at once", async (t) => {
  const { counted, upload } = slow(t, 70);
  const { client } = world({ upload });
  let done = 0;
  for (let i = 0; i < 10; i++) client.upload(png("x".repeat(i))).then(() => done++);
  await secondsUntil(t, () => done === 10);
  assert.deepEqual([counted.begun, counted.most], [10, 4]);
});

test("uploads that are aborted and go on all the same keep none waiting for ever", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { upload, waiting, begun } = gate();
  const { client } = world({ upload });
  const leave = new AbortController();
  const left = ["", "1", "2", "3"].map((more) => caught(client.upload(png(more), { signal: leave.signal })));
  await begun(4);
  leave.abort();
  for (const { code } of await Promise.all(left)) assert.equal(code, "aborted");
  const next = client.upload(png("4"));
  await secondsUntil(t, () => waiting.length === 5);
  waiting[4].end();
  assert.ok((await next).startsWith(STORED));
});

test("a machine that slept takes no call for gone", async (t) => {
  const { counted, upload } = slow(t, 7_200);
  const { client } = world({ upload });
  const told = [];
  for (let i = 0; i < 2; i++) client.upload(png()).then((url) => told.push(url));
  await secondsUntil(t, () => counted.begun === 1);
  t.mock.timers.setTime(Date.now() + 7_200_000);
  await secondsUntil(t, () => told.length === 2);
  assert.equal(counted.begun, 1);
});

test("who waits for another call's upload goes on by itself when nothing more is heard of that", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { upload, waiting, begun } = gate();
  const { client } = world({ upload });
  // As many as may be on their way at once, of calls whose timers are gone, as those of a Worker's request that ended.
  const ticking = globalThis.setInterval;
  globalThis.setInterval = () => ({});
  for (const more of ["", "1", "2", "3"]) client.upload(png(more)).catch(() => {});
  await begun(4);
  globalThis.setInterval = ticking;
  const [same, another] = [client.upload(png()), client.upload(png("5"))];
  await turns();
  for (let seconds = 0; seconds < 29; seconds++) {
    t.mock.timers.tick(1_000);
    await turns();
  }
  assert.equal(waiting.length, 4);
  await secondsUntil(t, () => waiting.length === 6);
  for (const { end } of waiting.slice(4)) end();
  assert.ok((await same).startsWith(STORED) && (await another).startsWith(STORED));
});
