// Pages that come and go while their jobs run, in Chromium: reloaded, closed, two at once. The provider is outside.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "../chromium.mjs";
import { serveSite } from "./served.mjs";

const PATIENCE = 60_000;

/** A second is so many, for the simulator and for the clients: 30 s, after which a lost creation is given up, are one and a half. */
const SPEED = 20;
/** How long a job takes, in ms of that time. */
const DURATION = 30_000;

const PROMPTS = ["A red fox", "A green fox", "A blue fox"];

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const store of ["indexedDBStore", "localStorageStore"]) {
  describe(store, () => {
    const onSite = (name, use) =>
      test(name, { timeout: PATIENCE }, async () => {
        const site = await openSite(store);
        try {
          await use(site);
        } finally {
          await site.close(); // else a test that fails keeps the process for ever
        }
      });

    onSite("a page that is reloaded while its jobs run has them all delivered", async (site) => {
      const page = await site.tab();
      await page.start(PROMPTS);
      await site.made(3);
      await page.reload();
      assert.equal(await page.resume(), 3);
      await site.delivered(PROMPTS);
      assert.deepEqual(await page.left(), []);
      assert.equal(await page.resume(), 0);
    });

    for (const [moment, jobs] of [
      ["before", 2],
      ["after", 3],
    ]) {
      onSite(`a page that is reloaded ${moment} a creation of its has arrived buys it once`, async (site) => {
        const page = await site.tab();
        const held = site.hold(PROMPTS[1], moment);
        await page.start(PROMPTS);
        await held;
        await site.made(jobs);
        site.letGo();
        await page.reload();
        assert.equal(await page.resume(), 3);
        await site.delivered(PROMPTS);
        assert.deepEqual(await page.left(), []);
      });
    }

    onSite("what a closed tab had in hand is delivered in the next one", async (site) => {
      const page = await site.tab();
      const held = site.hold(PROMPTS[2], "after");
      await page.start(PROMPTS);
      await held;
      await site.made(3);
      await page.close();
      const next = await site.tab();
      assert.equal(await next.resume(), 3);
      await site.delivered(PROMPTS);
      assert.deepEqual(await next.left(), []);
    });

    onSite("what waits for its turn is sent after the reload, within the limits", async (site) => {
      const page = await site.tab({ limits: { video: { concurrent: 1 } } });
      await page.start(PROMPTS);
      await page.waitForFunction(() => states.filter((state) => state === "waiting").length >= 2);
      await until(async () => (await page.left()).length === 3); // a write that is cut off by the reload is none
      await page.reload();
      assert.equal(await page.resume(), 3);
      await site.delivered(PROMPTS);
      assert.equal((await site.simulator.stats()).maxRunning.video, 1);
    });

    onSite("one tab works, the other follows and asks for nothing", async (site) => {
      const [works, follows] = [await site.tab(), await site.tab()];
      await works.start(PROMPTS);
      await site.made(3);
      assert.equal(await follows.resume(), 3);
      await works.waitForFunction((count) => results.length === count, PROMPTS.length);
      await follows.waitForFunction((count) => results.length === count, PROMPTS.length);
      assert.deepEqual(await follows.evaluate(() => results.toSorted()), PROMPTS.toSorted());
      const { asked } = follows;
      assert.ok(asked.length <= 3 && asked.every((method) => method === "GET"), `${asked}: at most the finished jobs`);
      assert.deepEqual([await follows.left(), (await site.simulator.generations()).length], [[], 3]);
    });

    onSite("the tab that works is closed: the other takes over", async (site) => {
      const [works, follows] = [await site.tab(), await site.tab()];
      const held = site.hold(PROMPTS[0], "after");
      await works.start(PROMPTS);
      await held;
      await site.made(3);
      assert.equal(await follows.resume(), 3);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.deepEqual([follows.asked, site.noted.delivered], [[], []]);
      await works.close();
      await site.delivered(PROMPTS);
      assert.deepEqual(await follows.left(), []);
      assert.ok(follows.asked.length > 0);
    });
  });
}

/** A profile of a browser on a site; what its pages get is noted outside of them. */
async function openSite(store) {
  const server = await serveSite({ speed: SPEED, durations: DURATION });
  const context = await browser.newContext();
  const noted = { delivered: [], wrong: [] };
  await context.exposeFunction("deliver", (prompt) => noted.delivered.push(prompt));
  await context.exposeFunction("fail", (message) => noted.wrong.push(message));
  // One time for the simulator and for each page of each life.
  const begin = { store, speed: SPEED, real: Date.now(), virtual: server.simulator.now() };

  const site = {
    ...server,
    noted,
    tab: (options) => openTab(context, server.origin, { ...begin, options }),
    /** Waits until the simulator has so many jobs. */
    made: (count) => until(async () => (await server.simulator.generations()).length === count),
    /** Waits until these were delivered; then nothing else may have been, nor bought. */
    async delivered(prompts) {
      await until(() => noted.delivered.length + noted.wrong.length >= prompts.length);
      assert.deepEqual([noted.delivered.toSorted(), noted.wrong], [prompts.toSorted(), []]);
      const jobs = await server.simulator.generations();
      assert.deepEqual(jobs.map(({ request }) => request.prompt).sort(), prompts.toSorted(), "each was bought once");
    },
    async close() {
      await context.close();
      await server.close();
    },
  };
  return site;
}

async function openTab(context, origin, begin) {
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => new URL(request.url()).pathname.startsWith("/luma/") && asked.push(request.method()));
  const load = () =>
    page.evaluate(async ({ store, speed, real, virtual, options }) => {
      const { createClient } = await import("/dist/entries/index.js");
      const stores = await import("/dist/entries/stores.js");
      const clock = {
        now: () => virtual + (Date.now() - real) * speed,
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            const timer = setTimeout(resolve, ms / speed);
            signal?.addEventListener("abort", () => clearTimeout(timer));
          }),
      };
      globalThis.store = stores[store]();
      globalThis.client = createClient({ provider: "dream-machine", baseUrl: "/luma", store: globalThis.store, clock, ...options });
      globalThis.results = [];
      globalThis.states = [];
      globalThis.take = (job) =>
        job.then(
          ({ request }) => {
            results.push(request.prompt);
            deliver(request.prompt);
          },
          ({ code, message }) => fail(`${code}: ${message}`),
        );
    }, begin);
  const reload = page.reload.bind(page);
  await page.goto(`${origin}/`);
  await load();
  return Object.assign(page, {
    /** The methods of the requests that it sent to the provider. */
    asked,
    reload: async () => {
      await reload();
      await load();
    },
    start: (prompts) =>
      page.evaluate((prompts) => {
        for (const prompt of prompts)
          take(client.generate({ model: "ray-flash-2", prompt }, { onUpdate: ({ state }) => states.push(state) }));
      }, prompts),
    /** Takes up what there is; gives how much. */
    resume: () =>
      page.evaluate(async () => {
        const resumed = await client.resume();
        for (const { done } of resumed) take(done);
        return resumed.length;
      }),
    left: () => page.evaluate(async () => [...(await store.getAll())].map(([key]) => key).filter((key) => key.startsWith("ticket:"))),
  });
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
