// The demo page through the Worker, in Chromium: a video is made, and no key shows in the page, in what it sends and gets, or in the log.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer } from "vite";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { ANNE, KEYS, startSite } from "./site.mjs";

const PATIENCE = 30_000;
/** Where the provider's files are, on another server than its API. */
const FILES = "https://files.example.com";

let server, site, browser;
before(async () => {
  server = await createServer({ root: join(root, "www"), logLevel: "warn", server: { port: 0 } });
  await server.listen();
  const { origin } = new URL(server.resolvedUrls.local[0]);
  site = await startSite({ env: { ORIGINS: [origin] }, simulator: { clock: 60, durations: 60_000, baseUrl: FILES } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.stop(); // searches what the Worker answered and logged
  await server?.close();
});

/** Everything that the page asks, is answered, and says. */
async function watched(page) {
  const seen = [];
  const pending = [];
  page.on("console", (message) => seen.push(message.text()));
  page.on("pageerror", (error) => seen.push(String(error.stack)));
  page.on("request", (request) =>
    pending.push(request.allHeaders().then((headers) => seen.push(JSON.stringify([request.url(), headers, request.postData()])))),
  );
  page.on("requestfinished", (request) =>
    pending.push(
      request.response().then(async (response) => {
        seen.push(JSON.stringify(await response.allHeaders()));
        if (request.resourceType() !== "media") seen.push(String(await response.body().catch(() => "")));
      }),
    ),
  );
  await page.route(`${FILES}/**`, async (route) => {
    const response = await site.simulator.fetch(route.request().url(), { headers: await route.request().allHeaders() });
    await route.fulfill({
      status: response.status,
      headers: { ...Object.fromEntries(response.headers), "access-control-allow-origin": "*" },
      body: Buffer.from(await response.arrayBuffer()),
    });
  });
  return async () => {
    while (pending.length) await pending.shift();
    return seen;
  };
}

for (const [provider, api] of [
  ["agents", "Agents"],
  ["dream-machine", "Dream Machine"],
]) {
  test(`a video of ${api}, with a caller's token in the page and the key at home`, { timeout: 4 * PATIENCE }, async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const all = await watched(page);
    await page.goto(server.resolvedUrls.local[0]);
    await page.getByRole("button", { name: "Where does it go?" }).click();
    await page.getByText(api, { exact: true }).click();
    await page.getByText("Your own endpoint").click();
    await page.getByLabel("Base URL").fill(`${site.worker.url}/luma/${provider}`);
    await page.getByLabel("Key optional").fill(ANNE);
    await page.getByRole("button", { name: "Use this endpoint" }).click();
    await page.locator("dialog").waitFor({ state: "hidden" });

    const before = await site.made();
    await page.getByRole("textbox", { name: "Prompt" }).fill("A heron on one leg");
    await page.getByRole("textbox", { name: "Prompt" }).press("Control+Enter");
    await page.waitForFunction(() => document.querySelector("#stage video")?.currentTime > 0.1);
    assert.equal(await site.made(), before + 1, "made once, by the provider behind the Worker");

    const stored = await page.evaluate(async () => {
      const databases = await indexedDB.databases();
      const contents = await Promise.all(
        databases.map(
          ({ name }) =>
            new Promise((resolve, reject) => {
              const open = indexedDB.open(name);
              open.onerror = () => reject(open.error);
              open.onsuccess = async () => {
                const stores = [...open.result.objectStoreNames];
                const all = (store) =>
                  new Promise((done) => {
                    const got = open.result.transaction(store).objectStore(store).getAll();
                    got.onsuccess = () => done(got.result);
                  });
                resolve(await Promise.all(stores.map(all)));
                open.result.close();
              };
            }),
        ),
      );
      return JSON.stringify([contents, { ...localStorage }, { ...sessionStorage }, document.cookie]);
    });
    const seen = [...(await all()), await page.content(), stored];
    assert.ok(
      seen.some((text) => text.includes(`Bearer ${ANNE}`)),
      "the search sees what the page sends",
    );
    assert.ok(seen.some((text) => text.includes("A heron on one leg")));
    for (const [name, key] of Object.entries(KEYS)) for (const text of seen) assert.ok(!text.includes(key), `${name} shows in ${text}`);
    await page.close();
  });
}

test("the log tells of the page's requests, by caller", () => {
  const lines = site.log.map((line) => JSON.parse(line)).filter(({ method }) => method === "POST");
  assert.deepEqual(
    lines.map(({ status, caller, route }) => [status, caller, route.split("/")[2]]),
    [
      [201, "caller-1", "agents"],
      [201, "caller-1", "dream-machine"],
    ],
  );
});
