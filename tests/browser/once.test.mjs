// A browser sends a request again by itself when its connection breaks. A creation it must not.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { generate as certificate } from "selfsigned";
import { launch } from "../chromium.mjs";
import { serveSite } from "./served.mjs";

const SPEED = 20;
const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };

let browser, site, page;
before(async () => {
  const { private: key, cert } = await certificate([{ name: "commonName", value: "127.0.0.1" }]);
  site = await serveSite({ speed: SPEED, secure: { key, cert } });
  browser = await launch();
  page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(site.origin);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const made = async () => (await site.simulator.generations()).length;

test("a creation whose connection is cut by HTTP/2 after its job was made is bought once, and delivered", async () => {
  site.cut(TIGER.prompt);
  const { state, events } = await page.evaluate(
    async ({ request, speed }) => {
      const { createClient } = await import("/dist/entries/index.js");
      const start = Date.now();
      const clock = {
        now: () => start + (Date.now() - start) * speed,
        sleep: (ms) => new Promise((resolve) => ms < Infinity && setTimeout(resolve, ms / speed)),
      };
      const events = [];
      const { generate } = createClient({ provider: "dream-machine", baseUrl: "/luma", clock, onEvent: ({ type }) => events.push(type) });
      const { state } = await generate(request);
      return { state, events };
    },
    { request: TIGER, speed: SPEED },
  );
  assert.equal(await made(), 1);
  assert.equal(state, "completed");
  assert.ok(events.includes("outcome_unknown") && events.includes("recovered"), `${events}`);
});

test("without that, the browser buys another one, and tells nobody", async () => {
  const before = await made();
  const request = { ...TIGER, prompt: "A bear in the rain" };
  site.cut(request.prompt);
  const status = await page.evaluate(async (request) => {
    await fetch("/luma/ping"); // it sends again on connections that it has used before
    return (await fetch("/luma/generations/video", { method: "POST", body: JSON.stringify(request) })).status;
  }, request);
  assert.equal(status, 201);
  assert.equal(await made(), before + 2);
});
