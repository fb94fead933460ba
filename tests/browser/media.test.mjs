// A file that a person has chosen, in Chromium: it becomes the start of a video at each of four providers, over HTTP.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../chromium.mjs";
import { simulate } from "../node/luma-edge.mjs";
import { serveSite } from "./served.mjs";

/** A picture so large that it goes out in pieces. */
const PICTURE = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(6_000_000, "a picture")]);

/** Where the page finds the simulator: a name, since no request may have an address of this machine. Its files have it, too. */
const HOST = "http://simulator.example";

const ends = [];
let browser, site, simulator;
before(async () => {
  simulator = await simulate({ after: (end) => ends.push(end) }, "--speed", "1000", "--base-url", HOST);
  browser = await launch(`--host-resolver-rules=MAP ${new URL(HOST).host} ${new URL(simulator.root).host}`);
  site = await serveSite({ speed: 1 });
});
after(async () => {
  await browser?.close();
  await site?.close();
  for (const end of ends) end();
});

/** What lies at an address of the simulator's. */
const stored = async (url) => Buffer.from(await (await fetch(url.replace(HOST, simulator.root))).arrayBuffer());

/** What shows that the job begins with the file: its creation, what stands for the file, and the job where that repeats it. */
for (const { provider, path, apiKey, own, pieces, startsWith } of [
  {
    provider: "dream-machine",
    path: "/dream-machine/v1",
    apiKey: "luma-any",
    own: true,
    startsWith: (_, given, { request }) => assert.deepEqual(request.keyframes.frame0, { type: "image", url: given }),
  },
  {
    provider: "agents",
    path: "/agents/v1",
    apiKey: "luma-api-any",
    pieces: true,
    startsWith: ({ video }, given) => assert.deepEqual(video.start_frame, given),
  },
  {
    provider: "useapi",
    path: "/useapi/v1/luma",
    apiKey: "user:1-any",
    pieces: true,
    startsWith: ({ imageStart }, given) => assert.equal(imageStart, given.file_id),
  },
  {
    provider: "piapi",
    path: "/piapi",
    apiKey: "any",
    async startsWith(_, given, { input }) {
      assert.equal(input.start_image, given.url);
      assert.ok((await stored(input.start_image)).equals(PICTURE));
    },
  },
]) {
  test(`a chosen file is the start of a video by ${provider}`, async () => {
    const page = await browser.newPage();
    await page.goto(site.origin);
    await page.setContent('<input type="file" accept="image/*">');
    await page.locator("input").setInputFiles({ name: "tiger.png", mimeType: "image/png", buffer: PICTURE });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 20_000_000,
    });
    const { id, given, told, kept } = await page.evaluate(
      async ({ own, ...options }) => {
        const { createClient } = await import("/dist/entries/index.js");
        const kept = [];
        const upload = own && (async (file) => (kept.push(file.size), `https://files.example/${file.name}`));
        const client = createClient({ ...options, upload });
        const told = [];
        const [frame0] = document.querySelector("input").files;
        const { id } = await client.create({ prompt: "A tiger walking in snow", keyframes: { frame0 } });
        // What stands for it, which is not handed over again.
        const given = await client.upload(frame0);
        // Other bytes, to hear how they go.
        await client.upload(new File([frame0, "!"], "other.png", { type: "image/png" }), { onProgress: (step) => told.push(step) });
        return { id, given, told, kept };
      },
      { provider, apiKey, baseUrl: HOST + path, own },
    );
    assert.deepEqual(kept, own ? [PICTURE.length, PICTURE.length + 1] : []);
    const held = (await simulator.look("generations")).find((job) => [job.id, job.jobid, job.task_id].includes(id));
    assert.ok(held, id);
    const { body } = (await simulator.look("requests")).findLast(
      ({ method, path: at, body }) => method === "POST" && at.startsWith(path) && body?.includes("walking in snow"),
    );
    await startsWith(JSON.parse(body), given, held);
    const [first, last] = [told[0], told.at(-1)];
    assert.deepEqual([first.loaded, last.loaded, last.total], [0, PICTURE.length + 1, PICTURE.length + 1]);
    assert.equal(new Set(told.map(({ loaded }) => loaded)).size > 2, Boolean(pieces), `${JSON.stringify(told)}`);
    assert.equal((await simulator.look("stats")).keyLeaks, 0);
    await page.close();
  });
}
