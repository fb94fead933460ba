// A file that a person has chosen, in Chromium: it becomes the start of a video at each of four providers, over HTTP.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/setup.mjs";
import { simulate } from "../node/luma-edge.mjs";
import { serveSite } from "./served.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"];

/** A picture so large that it goes out in pieces. */
const PICTURE = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(6_000_000, "a picture")]);

let browser, site;
before(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
  site = await serveSite({ speed: 1 });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const { provider, path, apiKey, frame, pieces } of [
  { provider: "dream-machine", path: "/dream-machine/v1", apiKey: "luma-any", frame: ({ keyframes }) => keyframes.frame0.url === "https://files.example/tiger.png" },
  { provider: "agents", path: "/agents/v1", apiKey: "luma-api-any", frame: ({ video }) => video.start_frame.file_id, pieces: true },
  { provider: "useapi", path: "/useapi/v1/luma", apiKey: "user:1-any", frame: ({ imageStart }) => imageStart, pieces: true },
  // Its files have addresses of this machine here, which no request may have.
  { provider: "piapi", path: "/piapi", apiKey: "any" },
]) {
  test(`a chosen file is ${frame ? "the start of a video by" : "handed over to"} ${provider}`, async (t) => {
    const { root, look } = await simulate(t, "--speed", "1000");
    const page = await browser.newPage();
    await page.goto(site.origin);
    await page.setContent('<input type="file" accept="image/*">');
    await page.locator("input").setInputFiles({ name: "tiger.png", mimeType: "image/png", buffer: PICTURE });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 20_000_000 });
    const { given, told, stored } = await page.evaluate(
      async ({ own, creates, ...options }) => {
        const { createClient } = await import("/dist/index.js");
        const stored = [];
        const upload = own && (async (file) => (stored.push(file.size), `https://files.example/${file.name}`));
        const client = createClient({ ...options, upload });
        const told = [];
        const [frame0] = document.querySelector("input").files;
        if (creates) await client.create({ prompt: "A tiger walking in snow", keyframes: { frame0 } });
        const given = await client.upload(frame0);
        // Other bytes, to hear how they go.
        await client.upload(new File([frame0, "!"], "other.png", { type: "image/png" }), { onProgress: (step) => told.push(step) });
        return { given, told, stored };
      },
      { provider, apiKey, baseUrl: root + path, creates: Boolean(frame), own: provider === "dream-machine" },
    );
    assert.ok(given.file_id || new URL(given.url ?? given), `${given}`);
    assert.deepEqual(stored, provider === "dream-machine" ? [PICTURE.length, PICTURE.length + 1] : []);
    const requests = await look("requests");
    if (frame) {
      const { body } = requests.find(({ method, body }) => method === "POST" && body?.includes("walking in snow"));
      assert.ok(frame(JSON.parse(body)), body);
    }
    const [first, last] = [told[0], told.at(-1)];
    assert.deepEqual([first.loaded, last.loaded, last.total], [0, PICTURE.length + 1, PICTURE.length + 1]);
    assert.equal(new Set(told.map(({ loaded }) => loaded)).size > 2, Boolean(pieces), `${JSON.stringify(told)}`);
    assert.equal((await look("stats")).keyLeaks, 0);
    await page.close();
  });
}
