// A generation where media stand: named by its id, or sent as its file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caught, elsewhere, mp4, OTHERS, PROMPT, without, world } from "./media.mjs";

test("a finished generation may stand where media stand", async () => {
  const { client, sent, stored } = world();
  const video = await client.generate(PROMPT);
  const image = await client.generate({ ...PROMPT, model: "photon-1" });
  for (const [given, expected] of [
    [
      { keyframes: { frame0: video, frame1: image } },
      { keyframes: { frame0: { type: "generation", id: video.id }, frame1: { type: "image", url: image.assets.image } } },
    ],
    [{ keyframes: { frame0: { url: video } } }, { keyframes: { frame0: { type: "generation", id: video.id } } }],
    [{ keyframes: { frame0: { ...image, provider: "agents" } } }, { keyframes: { frame0: { type: "image", url: image.assets.image } } }],
    [
      { image_ref: [image, { url: image, weight: 0.5 }] },
      { image_ref: [{ url: image.assets.image }, { url: image.assets.image, weight: 0.5 }] },
    ],
    [{ modify_image_ref: image.raw }, { modify_image_ref: { url: image.assets.image } }],
    [{ character_ref: { identity0: { images: [image] } } }, { character_ref: { identity0: { images: [image.assets.image] } } }],
    [
      { model: "ray-2", mode: "flex_1", media: video },
      { mode: "flex_1", media: { url: video.assets.video } },
    ],
  ]) {
    await client.create({ ...PROMPT, ...given });
    assert.deepEqual(without(await sent()), { ...PROMPT, ...expected });
  }
  assert.deepEqual(stored, []);
  const young = await client.create({ ...PROMPT, model: "photon-1" });
  const { problems } = await caught(client.create({ ...PROMPT, image_ref: [young] }));
  assert.deepEqual(problems, [
    {
      path: "image_ref[0]",
      code: "invalid_value",
      message: `generation ${young.id} of dream-machine is queued: it has no file that could be sent`,
    },
  ]);
});

test("a video is gone on from, also when there is a picture of it", async () => {
  const { client, sent } = world();
  const made = await client.generate(PROMPT);
  const video = { ...made, assets: { ...made.assets, image: "https://cdn.example/thumbnail.jpg" } };
  const raw = { ...made.raw, assets: video.assets };
  const reference = { type: "generation", id: video.id };
  await client.create({ ...PROMPT, keyframes: { frame0: video, frame1: { type: "image", url: raw } } });
  assert.deepEqual((await sent()).keyframes, { frame0: reference, frame1: reference });
  const { problems } = await caught(client.create({ ...PROMPT, image_ref: [video] }));
  assert.deepEqual(
    problems.map(({ path, code }) => [path, code]),
    [["image_ref[0]", "invalid_type"]],
  );
});

/** Generations of the others: a picture, a video, one that is not ready. */
const FILES = {
  picture: "https://example.com/tiger.png",
  video: "https://example.com/tiger.mp4",
  last: "https://example.com/last.png",
  thumbnail: "https://example.com/thumbnail.png",
};

const made = (maker) => ({
  picture: { id: "a-picture", state: "completed", provider: maker, assets: { image: FILES.picture } },
  video: { id: "a-video", state: "completed", provider: maker, assets: { video: FILES.video, image: FILES.thumbnail } },
  ending: {
    id: "a-video",
    state: "completed",
    provider: maker,
    assets: { video: FILES.video, thumbnail: FILES.thumbnail, last_frame: FILES.last },
  },
  young: { id: "too-young", state: "dreaming", provider: maker, assets: {} },
});

for (const target of [{ provider: "dream-machine", apiKey: "any-key", frame: ({ body }) => body.keyframes.frame0.url }, ...OTHERS]) {
  test(`${target.provider}: a generation of another provider stands as its file, or is reported before anything is sent`, async () => {
    const tiger = target.provider === "agents" ? { ...PROMPT, model: "ray-3.2" } : PROMPT;
    for (const maker of ["dream-machine", "agents", "useapi", "piapi"].filter((maker) => maker !== target.provider)) {
      const { picture, video, ending, young } = made(maker);
      for (const [frame0, url] of [
        [picture, FILES.picture],
        [ending, FILES.last],
      ]) {
        const { client, calls, fetched } = elsewhere(target);
        assert.deepEqual(await client.validate({ ...tiger, keyframes: { frame0 } }), []);
        await client.create({ ...tiger, keyframes: { frame0 } });
        const { body } = calls.at(-1);
        if (target.provider === "useapi") assert.deepEqual([fetched.map(({ input }) => input), Boolean(body.imageStart)], [[url], true]);
        else if (target.provider === "agents") assert.deepEqual(body.video.start_frame, { url });
        else assert.equal(target.frame({ body }), url);
        assert.ok(!JSON.stringify(body).includes(frame0.id), JSON.stringify(body));
      }
      const { client, calls, fetched } = elsewhere(target);
      for (const [keyframes, path, code] of [
        [{ frame0: video }, "keyframes.frame0", "invalid_type"],
        [{ frame1: ending }, "keyframes.frame1", "invalid_type"],
        [{ frame0: { type: "image", url: young } }, "keyframes.frame0.url", "invalid_value"],
      ]) {
        const problems = await client.validate({ ...tiger, keyframes });
        assert.deepEqual(
          problems.map(({ path, code }) => [path, code]),
          [[path, code]],
        );
        assert.ok(problems[0].message.includes(Object.values(keyframes)[0].id ?? "too-young"), problems[0].message);
        assert.deepEqual((await caught(client.create({ ...tiger, keyframes }))).problems, problems);
      }
      assert.deepEqual([calls, fetched], [[], []]);
    }
  });
}

test("a video to work on may be of another provider", async () => {
  const { video, picture } = made("piapi");
  const { client, calls } = elsewhere(OTHERS[0]);
  await client.create({ ...PROMPT, model: "ray-3.2", mode: "flex_1", media: video });
  assert.deepEqual(calls.at(-1).body.source, { url: FILES.video, media_type: "video/mp4" });
  const { problems } = await caught(client.create({ ...PROMPT, model: "ray-3.2", mode: "flex_1", media: picture }));
  assert.deepEqual(
    problems.map(({ path, code }) => [path, code]),
    [["media", "invalid_type"]],
  );
});

test("agents: a video is a file like another, and a generation is named by its id", async () => {
  const { client, calls } = elsewhere(OTHERS[0]);
  await client.create({ ...PROMPT, model: "ray-3.2", mode: "flex_1", media: mp4() });
  assert.ok(calls.at(-1).body.source.file_id);
  const image = await client.generate({ ...PROMPT, model: "uni-1" });
  await client.create({ ...PROMPT, model: "uni-1", image_ref: [image] });
  assert.deepEqual(calls.at(-1).body.image_ref, [{ generation_id: image.id }]);
});

test("piapi: an earlier video is named with schema 2025, else its last picture is sent", async () => {
  for (const [schema, frame] of [
    ["2025", ({ key_frames }) => key_frames.frame0],
    ["2026", ({ start_image }) => start_image],
  ]) {
    const { client, calls } = elsewhere(OTHERS[2], { schema });
    const video = await client.generate(PROMPT);
    await client.create({ ...PROMPT, keyframes: { frame0: video } });
    assert.deepEqual(frame(calls.at(-1).body.input), schema === "2025" ? { type: "generation", id: video.id } : video.assets.last_frame);
  }
});

test("useapi: a generation stands as its picture, a video as its last one", async () => {
  const { client, calls, uploads } = elsewhere(OTHERS[1]);
  const picture = await client.generate({ ...PROMPT, model: "photon-v2" });
  const video = await client.generate(PROMPT);
  calls.length = 0;
  const named = new Map();
  for (const [given, url, field] of [
    [{ keyframes: { frame0: picture } }, picture.assets.image, "imageStart"],
    [{ keyframes: { frame1: picture } }, picture.assets.image, "imageEnd"],
    [{ keyframes: { frame0: video } }, video.assets.last_frame, "imageStart"],
    [{ model: "photon-v2", image_ref: [picture] }, picture.assets.image, "imageRef1"],
    [{ model: "ray-v3", character_ref: { identity0: { images: [picture] } } }, picture.assets.image, "imageCharacter"],
  ]) {
    assert.deepEqual(await client.validate({ ...PROMPT, ...given }), []);
    await client.create({ ...PROMPT, ...given });
    const reference = calls.at(-1).body[field];
    assert.match(reference, /^u12345-email:/);
    assert.equal(named.get(url) ?? reference, reference);
    named.set(url, reference);
  }
  assert.equal(uploads().length, 2, "one for each picture");
  const fetched = calls.filter(({ method }) => !method);
  assert.deepEqual(
    fetched.map(({ url, headers }) => [url.href, headers]),
    [...named.keys()].map((url) => [url, undefined]),
  );
  for (const [index, url] of [...named.keys()].entries()) {
    const file = Buffer.from(await (await client.download({ ...picture, assets: { image: url } })).arrayBuffer());
    assert.ok(file.equals(Buffer.from(await uploads()[index].body.arrayBuffer())), url);
  }
  const { problems } = await caught(client.create({ ...PROMPT, keyframes: { frame1: video } }));
  assert.deepEqual(
    problems.map(({ path, code }) => [path, code]),
    [["keyframes.frame1", "invalid_type"]],
  );
});
