// Every request of the official guide, with prompts of our own, through the public face: the simulator receives that very
// body on the documented path, and the job completes. Where the guide names no model, the documented default is filled in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

const PICTURE = "https://example.com/picture.jpg";
const image = { type: "image", url: PICTURE };
const hook = "https://example.com/hook";

/** Title, path, what the caller gives, and what is filled in. `ID` stands for a completed generation. */
const FORMS = [
  ["text to image", "image", { generation_type: "image", prompt: "A walrus playing the cello" }, { model: "photon-1" }],
  ["ratio and model", "image", { prompt: "A walrus playing the cello", aspect_ratio: "3:4", model: "photon-1" }],
  ["image reference", "image", { prompt: "A straw hat", image_ref: [{ url: PICTURE, weight: 0.85 }] }, { model: "photon-1" }],
  ["style reference", "image", { prompt: "A cat", style_ref: [{ url: PICTURE, weight: 0.8 }] }, { model: "photon-1" }],
  ["character reference", "image", { prompt: "A sailor", character_ref: { identity0: { images: [PICTURE] } } }, { model: "photon-1" }],
  ["modify image", "image", { prompt: "Turn the roses to tulips", modify_image_ref: { url: PICTURE, weight: 1.0 } }, { model: "photon-1" }],
  ["image with callback", "image", { generation_type: "image", prompt: "A diver laughing", callback_url: hook }, { model: "photon-1" }],
  ["text to video", "video", { prompt: "A diver laughing", model: "ray-2", resolution: "720p", duration: "5s" }],
  ["image to video", "video", { prompt: "A fox in the rain", model: "ray-2", keyframes: { frame0: image } }],
  ["concepts", "video", { prompt: "A tram", model: "ray-2", resolution: "720p", duration: "5s", concepts: [{ key: "dolly_zoom" }] }],
  ["text to video, plain", "video", { prompt: "A diver laughing", model: "ray-2" }],
  ["loop and ratio", "video", { prompt: "A diver laughing", model: "ray-2", aspect_ratio: "16:9", loop: true }],
  ["start frame", "video", { prompt: "A fox in the rain", model: "ray-2", keyframes: { frame0: image } }],
  [
    "start frame, loop, ratio",
    "video",
    { prompt: "A fox in the rain", model: "ray-2", keyframes: { frame0: image }, loop: false, aspect_ratio: "16:9" },
  ],
  ["end frame", "video", { prompt: "A fox in the rain", model: "ray-2", keyframes: { frame1: image }, loop: false, aspect_ratio: "16:9" }],
  [
    "start and end",
    "video",
    { prompt: "A fox in the rain", model: "ray-2", keyframes: { frame0: image, frame1: image }, loop: false, aspect_ratio: "16:9" },
  ],
  ["extend", "video", { prompt: "The fox jumps", model: "ray-2", keyframes: { frame0: { type: "generation", id: "ID" } } }],
  ["reverse extend", "video", { prompt: "The fox jumps", model: "ray-2", keyframes: { frame1: { type: "generation", id: "ID" } } }],
  [
    "extend to an end frame",
    "video",
    { prompt: "The fox jumps", model: "ray-2", keyframes: { frame0: { type: "generation", id: "ID" }, frame1: image } },
  ],
  [
    "reverse extend from a start frame",
    "video",
    { prompt: "The fox jumps", model: "ray-2", keyframes: { frame0: image, frame1: { type: "generation", id: "ID" } } },
  ],
  [
    "interpolate",
    "video",
    {
      prompt: "The fox jumps",
      model: "ray-2",
      keyframes: { frame0: { type: "generation", id: "ID" }, frame1: { type: "generation", id: "ID" } },
    },
  ],
  ["video with callback", "video", { prompt: "A diver laughing", callback_url: hook }, { model: "ray-2" }],
  [
    "modify video",
    "video/modify",
    { prompt: "As a woodcut", media: { url: "https://example.com/a.mp4" }, first_frame: { url: PICTURE }, mode: "flex_1", model: "ray-2" },
    { generation_type: "modify_video" },
  ],
];

/** A world in which a minute passes in a millisecond. */
function world(options) {
  const callbacks = [];
  const deliver = async (url, { body }) => {
    callbacks.push({ url, ...JSON.parse(body) });
    return new Response(null, { status: 200 });
  };
  const simulator = createSimulator({ clock: "auto", seed: 7, deliver });
  const client = createClient({ apiKey: "luma-test", fetch: simulator.fetch, clock: simulator.clock, ...options });
  return { simulator, client, callbacks };
}

for (const legacyPath of [false, true]) {
  test(`every form of the guide, ${legacyPath ? "videos at the guide's own path" : "videos at the API's path"}`, async (t) => {
    const { simulator, client, callbacks } = world({ legacyPath });
    const { id } = await client.generate({ model: "ray-2", prompt: "A fox in the rain" });
    for (const [title, path, given, filled = {}] of FORMS) {
      await t.test(title, async () => {
        const request = JSON.parse(JSON.stringify(given).replaceAll('"ID"', JSON.stringify(id)));
        const made = await client.generate(request);
        const sent = (await simulator.requests()).findLast(({ method }) => method === "POST");
        assert.deepEqual(JSON.parse(sent.body), { ...request, ...filled });
        assert.equal(sent.path, `/dream-machine/v1/generations${legacyPath && path === "video" ? "" : `/${path}`}`);
        assert.equal(made.state, "completed");
        const file = await client.download(made);
        assert.match(file.headers.get("content-type"), path === "image" ? /^image\/jpeg/ : /^video\/mp4/);
        assert.ok((await file.arrayBuffer()).byteLength > 1000);
        if (given.callback_url) {
          assert.deepEqual(
            callbacks.filter((call) => call.id === made.id).map(({ url, state }) => [url, state]),
            [
              [hook, "dreaming"],
              [hook, "completed"],
            ],
          );
        }
      });
    }
    const { keyLeaks, created } = await simulator.stats();
    assert.deepEqual([keyLeaks, created.video + created.image], [0, FORMS.length + 1]);
  });
}

test("get, list, delete and camera motions, as the guide shows them", async () => {
  const { simulator, client } = world();
  const made = await client.generate({ model: "photon-flash-1", prompt: "A walrus" });
  assert.equal((await client.get(made.id)).assets.image, made.assets.image);
  assert.deepEqual(
    (await client.list({ limit: 10, offset: 0 })).generations.map(({ id }) => id),
    [made.id],
  );
  assert.ok((await client.cameraMotions()).length > 0);
  assert.ok((await client.concepts()).includes("dolly_zoom"));
  const upscaled = await client.poll(
    await client.upscale(await client.generate({ model: "ray-flash-2", prompt: "A fox" }), { resolution: 1080 }),
  );
  assert.equal(upscaled.state, "completed");
  assert.equal((await client.poll(await client.addAudio(upscaled))).state, "completed");
  await client.delete(made);
  await assert.rejects(client.get(made), { code: "not_found" });
  const before = (await client.credits()).amount;
  await assert.rejects(client.generate({ model: "ray-2", prompt: "A fox [fail:job]" }), { code: "generation_failed", retryable: true });
  assert.equal((await client.credits()).amount, before, "a failed job is refunded");
  const paths = (await simulator.requests()).map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, "ID")}`);
  for (const path of [
    "GET /dream-machine/v1/generations?limit=10&offset=0",
    "POST /dream-machine/v1/generations/ID/upscale",
    "POST /dream-machine/v1/generations/ID/audio",
    "DELETE /dream-machine/v1/generations/ID",
    "GET /dream-machine/v1/generations/camera_motion/list",
  ]) {
    assert.ok(paths.includes(path), `${path} among ${paths.join(", ")}`);
  }
});
