// A page that hands jobs over to a Worker of another origin, and watches them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../chromium.mjs";
import { startJobs } from "../worker/jobs.mjs";
import { ANNE } from "../worker/site.mjs";
import { serveSite } from "./served.mjs";

let browser, pages, other, worker, page;
before(async () => {
  [pages, other] = await Promise.all([serveSite({ speed: 1 }), serveSite({ speed: 1 })]);
  worker = await startJobs({ env: { ORIGINS: [pages.origin] }, simulator: { durations: 60_000 } });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(pages.origin);
});
after(async () => {
  await browser?.close();
  await worker?.stop();
  await pages?.close();
  await other?.close();
});

const given = (prompt) => ({ baseUrl: worker.worker.url, token: ANNE, request: { model: "ray-2", prompt } });

test("a page hands jobs over, and waits for what is made", async () => {
  const states = await page.evaluate(async ({ baseUrl, token, request }) => {
    const { createJobsClient } = await import("/dist/entries/jobs.js");
    const { submit, watch } = createJobsClient({ baseUrl, token });
    const ends = [];
    for await (const { state, generation } of watch(await submit([request, request]))) if (generation?.assets.video) ends.push(state);
    return ends;
  }, given("A tiger walking in snow"));
  assert.deepEqual(states, ["completed", "completed"]);
});

test("a watch goes on when the page was offline, and a job that is handed over meanwhile is handed over once", async () => {
  const context = page.context();
  const before = await worker.made();
  await page.evaluate(async ({ baseUrl, token }) => {
    const { createJobsClient } = await import("/dist/entries/jobs.js");
    globalThis.jobs = createJobsClient({ baseUrl, token });
    globalThis.seen = [];
    globalThis.watching = jobs.watch()[Symbol.asyncIterator]();
    await watching.next();
  }, given(""));
  await context.setOffline(true);
  const made = page.evaluate(async ({ request }) => {
    const submitting = jobs.submit(request);
    const { id } = await submitting;
    for (;;) {
      const { value } = await watching.next();
      if (value.id === id && value.state === "completed") return jobs.wait(id);
    }
  }, given("A bear in the rain"));
  await page.waitForFunction(() => !navigator.onLine);
  await context.setOffline(false);
  assert.equal((await made).state, "completed");
  assert.equal((await worker.made()) - before, 1);
});

test("a page's WebSocket gives its token as a subprotocol", async () => {
  const told = await page.evaluate(async ({ baseUrl, token, request }) => {
    const { createJobsClient } = await import("/dist/entries/jobs.js");
    const encoded = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const socket = new WebSocket(`${baseUrl.replace("http", "ws")}/jobs/events`, ["luma-edge", `base64url.${encoded}`]);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const ended = new Promise((resolve) =>
      socket.addEventListener("message", ({ data }) => JSON.parse(data).job.state === "completed" && resolve(JSON.parse(data).job.id)),
    );
    const { id } = await createJobsClient({ baseUrl, token }).submit(request);
    return [id, await ended, socket.protocol];
  }, given("A wolf"));
  assert.equal(told[0], told[1]);
  assert.equal(told[2], "luma-edge");
});

test("a page of another origin gets nothing", async () => {
  const foreign = await browser.newPage();
  await foreign.goto(other.origin);
  const code = await foreign.evaluate(async ({ baseUrl, token }) => {
    const { createJobsClient } = await import("/dist/entries/jobs.js");
    const clock = {
      now: Date.now,
      sleep: (ms, signal) => (ms < 40_000 ? Promise.resolve() : new Promise((done) => signal.addEventListener("abort", done))),
    };
    const { list } = createJobsClient({ baseUrl, token, clock });
    return list().catch(({ code }) => code);
  }, given(""));
  assert.equal(code, "network");
  const opened = await foreign.evaluate(
    ({ baseUrl, token }) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${baseUrl.replace("http", "ws")}/jobs/events`, ["luma-edge", token]);
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("error", () => resolve(false));
      }),
    given(""),
  );
  assert.equal(opened, false);
});
