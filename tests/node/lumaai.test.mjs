// Luma's own SDK talks to the simulator: what keeps the simulator honest.

import assert from "node:assert/strict";
import { test } from "node:test";
import LumaAI from "lumaai";
import { simulate } from "./luma-edge.mjs";

const image = { type: "image", url: "https://example.com/a.jpg" };
const media = { url: "https://example.com/a.mp4" };
const prompt = "A heron on one leg";

async function sdk(t, args = [], options = {}) {
  const simulator = await simulate(t, "--speed", "1", ...args);
  const client = new LumaAI({ authToken: "luma-test", baseURL: simulator.baseUrl, maxRetries: 0, ...options });
  return { client, ...simulator };
}

test("everything the SDK can do", async (t) => {
  const { client, advance, look } = await sdk(t);
  assert.deepEqual(await client.ping.check(), { message: "pong" });
  assert.deepEqual(await client.credits.get(), { credit_balance: 100_000 });
  assert.ok((await client.generations.concepts.list()).includes("dolly_zoom"));
  assert.ok((await client.get("/generations/camera_motion/list")).includes("camera orbit left"));

  const video = await client.generations.create({
    model: "ray-2",
    prompt,
    keyframes: { frame0: image },
    loop: true,
    resolution: "540p",
    duration: "5s",
    concepts: [{ key: "pov" }],
  });
  assert.deepEqual([video.state, video.generation_type, video.model], ["queued", "video", "ray-2"]);
  await advance(30_000);
  assert.equal((await client.generations.get(video.id)).state, "dreaming");
  await advance(600_000);
  const done = await client.generations.get(video.id);
  assert.equal(done.state, "completed");
  const file = await fetch(done.assets.video);
  assert.deepEqual([file.status, file.headers.get("content-type")], [200, "video/mp4"]);

  const made = [
    await client.generations.video.create({
      model: "ray-flash-2",
      prompt,
      aspect_ratio: "9:21",
      keyframes: { frame0: { type: "generation", id: video.id }, frame1: image },
    }),
    await client.generations.image.create({
      model: "photon-1",
      prompt,
      format: "png",
      style_ref: [{ url: image.url, weight: 0.8 }],
      character_ref: { identity0: { images: [image.url] } },
    }),
    await client.generations.image.reframe({
      model: "photon-flash-1",
      media,
      aspect_ratio: "1:1",
      generation_type: "reframe_image",
      x_start: 0,
      x_end: 100,
    }),
    await client.generations.video.reframe({ model: "ray-2", media, aspect_ratio: "9:16", generation_type: "reframe_video" }),
    await client.generations.video.modify({
      model: "ray-flash-2",
      media,
      mode: "flex_2",
      generation_type: "modify_video",
      first_frame: { url: image.url },
    }),
    await client.generations.upscale(video.id, { resolution: "1080p" }),
    await client.generations.audio(video.id, { prompt: "wind over water", negative_prompt: "music" }),
  ];
  assert.deepEqual(
    made.map(({ request }) => request.generation_type),
    ["video", "image", "reframe_image", "reframe_video", "modify_video", "upscale_video", "add_audio"],
  );
  const newest = made.map(({ id }) => id).reverse();
  const page = await client.generations.list({ limit: 3, offset: 1 });
  assert.deepEqual(
    page.generations.map(({ id }) => id),
    newest.slice(1, 4),
  );
  assert.deepEqual([page.count, page.has_more, page.limit, page.offset], [3, true, 3, 1]);
  await advance(3_600_000);
  const all = await client.generations.list();
  assert.ok(all.generations.every(({ state, assets }) => state === "completed" && (assets.video || assets.image)));
  assert.ok((await client.credits.get()).credit_balance < 100_000);

  assert.equal(await client.generations.delete(video.id), null);
  await assert.rejects(client.generations.get(video.id), LumaAI.NotFoundError);
  assert.equal((await look("stats")).keyLeaks, 0);
});

test("a sync image is answered when it is done", async (t) => {
  const { client } = await sdk(t, ["--speed", "100"]);
  const made = await client.generations.image.create({ model: "photon-flash-1", prompt, sync: true });
  assert.equal(made.state, "completed");
  assert.ok(made.assets.image);
});

test("each of the SDK's errors", async (t) => {
  const faults = "credits:403@2,credits:409@3,ping:500@1,ping:503@2,ping:cut@3,ping:html=502@4";
  const { client } = await sdk(t, ["--faults", faults, "--api-key", "luma-test"]);
  const create = (body) => client.generations.create({ model: "ray-2", prompt, ...body });
  const absent = "00000000-0000-4000-8000-000000000000";
  const stranger = new LumaAI({ authToken: "luma-stranger", baseURL: client.baseURL, maxRetries: 0 });
  const cases = [
    [() => stranger.credits.get(), LumaAI.AuthenticationError, 401, "Invalid API key is provided"],
    [() => create({ prompt: "no" }), LumaAI.BadRequestError, 400, "Prompt is too short, minimum length is 3 characters"],
    [
      () => create({ loop: true, keyframes: { frame0: image, frame1: image } }),
      LumaAI.BadRequestError,
      400,
      "Loop is not supported for keyframes",
    ],
    [() => create({ keyframes: {} }), LumaAI.BadRequestError, 400, "No keyframes provided"],
    [
      () => create({ model: "ray-1-6", concepts: [{ key: "pov" }] }),
      LumaAI.BadRequestError,
      400,
      "400: concepts are not supported for this model",
    ],
    [() => client.generations.get(absent), LumaAI.NotFoundError, 404, "Generation not found"],
    [() => client.generations.delete("_"), LumaAI.NotFoundError, 404, "Generation not found"],
    [() => client.get("/_stainless_unknown_path"), LumaAI.NotFoundError, 404, "Not Found"],
    [() => client.generations.upscale(absent, {}), LumaAI.NotFoundError, 404, "Generation not found"],
    [() => client.credits.get(), LumaAI.PermissionDeniedError, 403, "Simulated fault"],
    [() => client.credits.get(), LumaAI.ConflictError, 409, "Simulated fault"],
    [() => client.ping.check(), LumaAI.InternalServerError, 500, "Simulated fault"],
    [() => client.ping.check(), LumaAI.InternalServerError, 503, "Simulated fault"],
    [() => client.ping.check(), LumaAI.APIConnectionError, undefined, undefined],
    [() => client.ping.check(), LumaAI.InternalServerError, 502, undefined],
  ];
  for (const [call, kind, status, detail] of cases) {
    const error = await call().then(assert.fail, (error) => error);
    assert.ok(error instanceof kind, `${error.constructor.name} for ${status} ${detail}: ${error.message}`);
    assert.deepEqual([error.status, error.error?.detail], [status, detail]);
  }
  const wrong = await create({ aspect_ratio: "2:1", concepts: [{}] }).then(assert.fail, (error) => error);
  assert.ok(wrong instanceof LumaAI.UnprocessableEntityError);
  assert.deepEqual(
    wrong.error.detail.map(({ loc }) => loc.join(".")),
    ["body.aspect_ratio", "body.concepts.0.key"],
  );
});

test("beyond the limits it is told so", async (t) => {
  const { client, advance, look } = await sdk(t);
  const create = () => client.generations.create({ model: "ray-2", prompt });
  await Promise.all(Array.from({ length: 10 }, create));
  const error = await create().then(assert.fail, (error) => error);
  assert.ok(error instanceof LumaAI.RateLimitError);
  assert.deepEqual([error.error.detail, error.headers["retry-after"]], ["Too many concurrent jobs", "5"]);
  await advance(3_600_000);
  await create();
  assert.equal((await look("stats")).maxRunning.video, 10);
});

test("its retries buy twice when an answer is lost", async (t) => {
  const { client, look } = await sdk(t, ["--faults", "create:cut-after@1"], { maxRetries: 2 });
  await client.generations.create({ model: "ray-2", prompt });
  assert.deepEqual((await look("stats")).created, { video: 2, image: 0 });
});

test("by the schema alone, the calls of the SDK's own tests succeed", async (t) => {
  const { client } = await sdk(t, ["--validation", "schema"]);
  const url = "https://example.com";
  const weighed = { url, weight: 0 };
  const integers = Object.fromEntries(
    ["grid_position_x", "grid_position_y", "resized_height", "resized_width", "x_end", "x_start", "y_end", "y_start"].map((name) => [
      name,
      0,
    ]),
  );
  const video = {
    model: "ray-2",
    aspect_ratio: "16:9",
    callback_url: url,
    concepts: [{ key: "key" }],
    duration: "5s",
    generation_type: "video",
    loop: true,
    keyframes: { frame0: { type: "image", url }, frame1: { type: "generation", id: "123e4567-e89b-12d3-a456-426614174000" } },
    prompt: "prompt",
    resolution: "540p",
  };
  const picture = {
    model: "photon-1",
    aspect_ratio: "16:9",
    callback_url: url,
    character_ref: { identity0: { images: [url] } },
    format: "jpg",
    generation_type: "image",
    image_ref: [weighed],
    modify_image_ref: weighed,
    prompt: "prompt",
    style_ref: [weighed],
    sync: true,
    sync_timeout: 0,
  };
  const reframeImage = { model: "photon-1", aspect_ratio: "16:9", generation_type: "reframe_image", media: { url } };
  const reframeVideo = { model: "ray-2", aspect_ratio: "16:9", generation_type: "reframe_video", media: { url } };
  const modify = { model: "ray-2", generation_type: "modify_video", media: { url }, mode: "adhere_1" };
  const unknown = { path: "/_stainless_unknown_path" };
  const { generations, credits, ping } = client;
  const calls = [
    () => generations.create({ model: "ray-2" }),
    () => generations.create(video),
    () => generations.video.create({ model: "ray-2" }),
    () => generations.video.create(video),
    () => generations.list(),
    () => generations.list({ limit: 0, offset: 0 }),
    () => generations.delete("id"),
    () => generations.get("id"),
    () => generations.audio("id", {}),
    () => generations.upscale("id", {}),
    () => generations.image.create({ model: "photon-1" }),
    () => generations.image.create(picture),
    () => generations.image.reframe(reframeImage),
    () => generations.image.reframe({ ...reframeImage, ...integers, callback_url: url, format: "jpg", prompt: "prompt" }),
    () => generations.video.reframe(reframeVideo),
    () => generations.video.reframe({ ...reframeVideo, ...integers, callback_url: url, first_frame: { url }, prompt: "prompt" }),
    () => generations.video.modify(modify),
    () => generations.video.modify({ ...modify, callback_url: url, first_frame: { url }, prompt: "prompt" }),
    () => credits.get(),
    () => ping.check(),
    () => generations.concepts.list(),
  ];
  for (const call of calls) {
    // The SDK's tests want the raw answer, its data, and both together from one request.
    const promise = call();
    const raw = await promise.asResponse();
    assert.ok(raw.status >= 200 && raw.status < 300, `${raw.status}: ${call}`);
    const [data, both] = [await promise, await promise.withResponse()];
    assert.equal(both.data, data);
    assert.equal(both.response, raw);
  }
  const strays = [
    () => generations.list({}, unknown),
    () => generations.list(unknown),
    () => generations.delete("id", unknown),
    () => generations.get("id", unknown),
    () => generations.concepts.list(unknown),
    () => credits.get(unknown),
    () => ping.check(unknown),
  ];
  for (const stray of strays) await assert.rejects(stray, LumaAI.NotFoundError);
});
