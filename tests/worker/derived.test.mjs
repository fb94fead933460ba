// What builds on an earlier generation, through the Worker: a larger video, added sound.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { BOB, startSite } from "./site.mjs";

const site = await startSite({ env: { CALLER_LIMITS: { usdPerDay: 2 } } });
after(() => site.stop());

test("a video is made larger and gets sound, at a price that counts; another caller's does not", async () => {
  const { json: video } = await site.create({ resolution: "540p", duration: "5s" }); // $0.40
  await site.simulator.advance(3_600_000);
  assert.equal((await site.call(`/luma/generations/${video.id}`)).json.state, "completed");
  const derive = (what, body, more) => site.call(`/luma/generations/${video.id}/${what}`, { body, ...more });

  const large = await derive("upscale", { resolution: "1080p" }, { key: "larger" }); // $0.81
  assert.equal(large.status, 200, large.text);
  assert.equal((await derive("upscale", { resolution: "1080p" }, { key: "larger" })).json.id, large.json.id);
  const loud = await derive("audio", { prompt: "Wind" }); // $0.18
  assert.equal(loud.status, 200, loud.text);
  assert.equal((await derive("upscale", { resolution: "4k" })).status, 402); // $0.99 would be more than $2 in all

  assert.equal((await derive("upscale", { resolution: "720p" }, { token: BOB })).status, 404);
  const wrong = await derive("upscale", { resolution: "1080p", prompt: "A tiger" });
  assert.deepEqual([wrong.status, wrong.json.problems[0].path], [422, "prompt"]);
  assert.equal(await site.made(), 3);
});
