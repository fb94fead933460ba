// The stores of a browser, in Chromium: between tabs that share a site.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { kept } from "../stores/contract.js";

const PATIENCE = 30_000;
const TICKET = "ticket:01jd-x7";

/** All that the pages of the site have; nothing is asked of a network. */
const FILES = {
  "/": ["text/html", "<!doctype html>"],
  "/stores.js": ["text/javascript", await readFile(join(root, "dist/entries/stores.js"))],
  "/contract.js": ["text/javascript", await readFile(join(root, "tests/stores/contract.js"))],
};

/** A browser gives Web Locks only to pages with https. */
const SECURE = "https://luma.test";
const INSECURE = "http://luma.test";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const withoutChannels = () => delete globalThis.BroadcastChannel;

const browsers = {
  "with Web Locks": { origin: SECURE },
  "without Web Locks": { origin: INSECURE },
  "without Web Locks and BroadcastChannel": { origin: INSECURE, init: withoutChannels },
};

for (const [conditions, { origin, init }] of Object.entries(browsers)) {
  for (const store of ["localStorageStore", "indexedDBStore"]) {
    describe(`${store} ${conditions}`, () => {
      const leased = origin === INSECURE;
      const onTabs = (name, use) =>
        test(name, { timeout: PATIENCE }, async () => {
          const site = await openSite(init);
          await use((options) => openTab(site, origin, store, options));
          await site.close();
        });

      onTabs("keeps the contract", async (tab) => {
        const page = await tab();
        assert.equal(await page.evaluate(() => !navigator.locks), leased);
        const outcome = await page.evaluate(
          async ([name, options]) => {
            const { keepsContract } = await import("/contract.js");
            return keepsContract(() => stores[name](), options);
          },
          [store, { many: 300, announces: !init }],
        );
        assert.deepEqual(outcome, kept());
      });

      onTabs("one tab at a time works on an entry", async (tab) => {
        const [a, b] = [await tab(), await tab()];
        assert.equal(await a.lock(), true);
        assert.equal(await b.lock(), false);
        await a.release();
        await b.lockAtLast();
        assert.equal(await a.lock(), false);
      });

      onTabs("who gets the lock sees what its last holder wrote", async (tab) => {
        const tabs = [await tab(), await tab()];
        await tabs[0].lock();
        for (let round = 0; round < 10; round++) {
          const [from, to] = round % 2 ? [...tabs].reverse() : tabs;
          const found = to.evaluate(async (key) => {
            while (!(globalThis.release = await store.lock(key))) await new Promise((resolve) => setTimeout(resolve));
            return store.getAll();
          }, TICKET);
          await from.evaluate(
            ([key, value]) => {
              store.put(key, value);
              release();
            },
            [TICKET, `${round}`],
          );
          assert.deepEqual(await found, [[TICKET, `${round}`]]);
        }
      });

      onTabs("of tabs that want a lock at once one gets it", async (tab) => {
        const tabs = [await tab(), await tab(), await tab()];
        for (let round = 0; round < 5; round++) {
          const got = await Promise.all(tabs.map((page) => page.lock()));
          assert.equal(got.filter(Boolean).length, 1);
          await tabs[got.indexOf(true)].release();
          await tabs[0].lockAtLast();
          await tabs[0].release();
          await tabs[1].lockAtLast();
          await tabs[1].release();
        }
      });

      onTabs("what a tab held is free once the tab is closed", async (tab) => {
        const [a, b] = [await tab({ lease: 1_000 }), await tab({ lease: 1_000 })];
        await a.lock();
        await a.close();
        await b.lockAtLast();
      });

      onTabs("a tab that reloads has its jobs back at once", async (tab) => {
        const page = await tab({ lease: 24 * 3_600_000 });
        await page.lock();
        await page.reload();
        await page.begin();
        await page.lockAtLast();
      });

      onTabs("a tab hears of what another does", async (tab) => {
        const [a, b] = [await tab(), await tab()];
        for (const act of [() => b.put("1"), () => b.delete(), async () => (await b.lock()) && b.release()]) {
          if (!(await a.evaluate(() => Boolean(store.changed)))) {
            assert.deepEqual([store, init], ["indexedDBStore", withoutChannels], "only there a client is left to its own clock");
            return;
          }
          await a.evaluate(() => {
            globalThis.heard = store.changed(AbortSignal.timeout(60_000)).then(() => true);
          });
          await act();
          assert.equal(await a.evaluate(() => heard), true);
        }
      });

      if (!leased) return;

      onTabs("a lease is renewed for as long as the lock is held", async (tab) => {
        const [a, b] = [await tab({ lease: 600 }), await tab({ lease: 600 })];
        await a.lock();
        const end = Date.now() + 1_500;
        while (Date.now() < end) assert.equal(await b.lock(), false);
        await a.put("still mine");
      });

      onTabs("a tab that was frozen for longer than its lease cannot go on to write", async (tab) => {
        const [a, b] = [await tab({ lease: 400 }), await tab({ lease: 400 })];
        await a.lock();
        await a.put("mine");
        const thaw = await freeze(a);
        await b.lockAtLast();
        await b.put("taken over");
        await thaw();
        await assert.rejects(a.put("mine again"), /taken this job over/);
        await assert.rejects(a.delete(), /taken this job over/);
        assert.deepEqual(await b.all(), [[TICKET, "taken over"]]);
        await b.release();
        assert.equal(await a.lock(), false, "who works on it has to let go first");
        await a.release();
        await a.lockAtLast();
        await a.put("mine again");
      });

      onTabs("a tab that was frozen, and that nobody followed, goes on", async (tab) => {
        const page = await tab({ lease: 100 });
        await page.evaluate(() => (globalThis.setInterval = () => {}));
        await page.lock();
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 150)));
        await page.put("mine");
        assert.deepEqual(await page.all(), [[TICKET, "mine"]]);
      });
    });
  }
}

test("a full localStorage is told of", async () => {
  const site = await openSite();
  const page = await openTab(site, SECURE, "localStorageStore");
  await assert.rejects(page.put("x".repeat(6_000_000)), /localStorage is full/);
  await page.put("small");
  await site.close();
});

test("a full IndexedDB is told of", async () => {
  const site = await openSite();
  const page = await openTab(site, SECURE, "indexedDBStore");
  const devtools = await site.newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: SECURE, quotaSize: 500_000 });
  await assert.rejects(page.put("x".repeat(1_000_000)), /IndexedDB is full/);
  await page.put("small");
  assert.deepEqual(await page.all(), [[TICKET, "small"]]);
  await site.close();
});

test("a page that may not store anything is told what to do", async () => {
  const site = await openSite();
  const page = await site.newPage();
  await page.goto(`${SECURE}/`);
  await page.setContent(`<iframe sandbox="allow-scripts" srcdoc="<p>sandboxed"></iframe>`);
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  const told = await frame.evaluate(async (url) => {
    const { localStorageStore, indexedDBStore } = await import(url);
    const acts = [localStorageStore(), indexedDBStore()].flatMap((store) => [store.getAll(), store.put("durations", "{}")]);
    return Promise.all(
      acts.map((act) =>
        act.then(
          () => "fine",
          ({ message }) => message,
        ),
      ),
    );
  }, `${SECURE}/stores.js`);
  assert.deepEqual(
    told.map((message) => /^(\w+) is blocked for this page.*memoryStore\(\)/.exec(message)?.[1] ?? message),
    ["localStorage", "localStorage", "IndexedDB", "IndexedDB"],
  );
  await site.close();
});

test("a Web Worker has IndexedDB; asked for localStorage, it says so", async () => {
  const site = await openSite();
  const page = await site.newPage();
  await page.goto(`${SECURE}/`);
  const [outcome, told] = await page.evaluate(async () => {
    const program = `
      import { indexedDBStore, localStorageStore } from "${location.origin}/stores.js";
      import { keepsContract } from "${location.origin}/contract.js";
      postMessage([await keepsContract(() => indexedDBStore()), await localStorageStore().getAll().catch(({ message }) => message)]);`;
    const worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })), { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    });
  });
  assert.deepEqual(outcome, kept());
  assert.match(told, /localStorage does not exist here.*IndexedDB/);
  await site.close();
});

test("a database that is deleted under a store is made anew", async () => {
  const site = await openSite();
  const page = await openTab(site, SECURE, "indexedDBStore");
  await page.put("1");
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("luma-edge");
        request.onsuccess = resolve;
        request.onerror = request.onblocked = reject;
      }),
  );
  assert.deepEqual(await page.all(), []);
  await page.put("2");
  assert.deepEqual(await page.all(), [[TICKET, "2"]]);
  await site.close();
});

test("what is not ours in localStorage stays out of sight", async () => {
  const site = await openSite();
  const page = await openTab(site, SECURE, "localStorageStore", { prefix: "jobs/" });
  await page.evaluate(() => localStorage.setItem("theme", "dark"));
  await page.put("1");
  assert.deepEqual(await page.all(), [[TICKET, "1"]]);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).sort()), [`jobs/${TICKET}`, "theme"]);
  assert.deepEqual(await page.evaluate(() => stores.localStorageStore().getAll()), []);
  await site.close();
});

/** Halts all of a tab, as a browser does with one in the background, and gives what lets it go on. */
async function freeze(page) {
  const devtools = await page.context().newCDPSession(page);
  const halted = new Promise((resolve) => devtools.once("Debugger.paused", resolve));
  await devtools.send("Debugger.enable");
  await devtools.send("Debugger.pause"); // at the next thing that it does, such as renewing its lease
  await halted;
  return () => devtools.send("Debugger.disable");
}

/** A browser's profile that sees the files as a site. */
async function openSite(init) {
  const site = await browser.newContext();
  if (init) await site.addInitScript(init);
  await site.route("**/*", (route) => {
    const [contentType, body] = FILES[new URL(route.request().url()).pathname] ?? [];
    return body ? route.fulfill({ contentType, body, headers: { "access-control-allow-origin": "*" } }) : route.fulfill({ status: 404 });
  });
  return site;
}

/** A tab with a store and short words for what is done with its one ticket. */
async function openTab(site, origin, name, options) {
  const page = await site.newPage();
  const begin = () =>
    page.evaluate(
      async ([name, options]) => {
        globalThis.stores = await import("/stores.js");
        globalThis.store = stores[name](options);
      },
      [name, options],
    );
  await page.goto(`${origin}/`);
  await begin();
  return Object.assign(page, {
    begin,
    put: (value) => page.evaluate(([key, value]) => store.put(key, value), [TICKET, value]),
    delete: () => page.evaluate((key) => store.delete(key), TICKET),
    all: () => page.evaluate(async () => [...(await store.getAll())]),
    /** Whether it got it. */
    lock: () =>
      page.evaluate(async (key) => {
        const got = await store.lock(key);
        globalThis.release = got ?? globalThis.release;
        return Boolean(got);
      }, TICKET),
    release: () => page.evaluate(() => release()),
    /** Asks until it gets it: releases take their time. */
    lockAtLast: () =>
      page.evaluate(async (key) => {
        while (!(globalThis.release = await store.lock(key))) await new Promise((resolve) => setTimeout(resolve, 10));
      }, TICKET),
  });
}
