// The same program in a page of Chromium, at each of four providers over HTTP, by changing one option.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../chromium.mjs";
import { simulate } from "../node/luma-edge.mjs";
import { serveSite } from "./served.mjs";

const SPEED = 60;

let browser, site;
before(async () => {
  browser = await launch();
  site = await serveSite({ speed: 1 });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const hdr = { resolution: "720p", hdr: true };
for (const [provider, path, apiKey, fields] of [
  ["dream-machine", "/dream-machine/v1", "luma-any"],
  ["agents", "/agents/v1", "luma-api-any"],
  ["useapi", "/useapi/v1/luma", "user:1-any"],
  ["piapi", "/piapi", "any"],
  ["agents", "/agents/v1", "luma-api-any", { model: "ray-3.2", ...hdr }],
  ["useapi", "/useapi/v1/luma", "user:1-any", { model: "ray-v3", ...hdr }],
]) {
  test(`a video by ${provider}${fields ? " in HDR" : ""}`, async (t) => {
    const { root, look } = await simulate(t, "--speed", `${SPEED}`);
    const page = await browser.newPage();
    await page.goto(site.origin);
    const made = await page.evaluate(
      async ({ speed, fields, ...options }) => {
        const { createClient } = await import("/dist/entries/index.js");
        const start = Date.now();
        const clock = {
          now: () => start + (Date.now() - start) * speed,
          sleep: (ms) => new Promise((resolve) => ms < Infinity && setTimeout(resolve, ms / speed)),
        };
        const { generate, download } = createClient({ ...options, clock });
        const tiger = await generate({ prompt: "A tiger walking in snow", ...fields });
        const video = document.createElement("video");
        video.src = URL.createObjectURL(await (await download(tiger)).blob());
        await new Promise((loaded, failed) => Object.assign(video, { onloadeddata: loaded, onerror: () => failed(video.error) }));
        return [tiger.provider, tiger.state, video.videoWidth > 0];
      },
      { provider, apiKey, fields, baseUrl: root + path, speed: SPEED },
    );
    assert.deepEqual(made, [provider, "completed", true]);
    assert.equal((await look("stats")).keyLeaks, 0);
    await page.close();
  });
}
