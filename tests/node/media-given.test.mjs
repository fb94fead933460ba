// What may stand where media stand in a request, and what is sent of it: a file in any form, an address, a data: address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caught, JPEG, mp4, PNG, PROMPT, png, STORED, URL_1, without, world } from "./media.mjs";

for (const [place, given, expected] of [
  ["a first frame", (file) => ({ keyframes: { frame0: file } }), { keyframes: { frame0: { type: "image", url: URL_1 } } }],
  [
    "a first frame as its url",
    (file) => ({ keyframes: { frame0: { type: "image", url: file } } }),
    { keyframes: { frame0: { type: "image", url: URL_1 } } },
  ],
  [
    "a first frame without its type",
    (file) => ({ keyframes: { frame1: { url: file } } }),
    { keyframes: { frame1: { type: "image", url: URL_1 } } },
  ],
  ["a reference", (file) => ({ image_ref: [file] }), { image_ref: [{ url: URL_1 }] }],
  ["a reference with a weight", (file) => ({ style_ref: [{ url: file, weight: 0.5 }] }), { style_ref: [{ url: URL_1, weight: 0.5 }] }],
  [
    "a character",
    (file) => ({ character_ref: { identity0: { images: ["https://example.com/a.jpg", file] } } }),
    { character_ref: { identity0: { images: ["https://example.com/a.jpg", URL_1] } } },
  ],
  [
    "a character as its url",
    (file) => ({ character_ref: { identity0: { images: [{ url: file }] } } }),
    { character_ref: { identity0: { images: [URL_1] } } },
  ],
  ["a picture to modify", (file) => ({ modify_image_ref: file }), { modify_image_ref: { url: URL_1 } }],
  [
    "a picture to reframe",
    (file) => ({ model: "photon-1", aspect_ratio: "1:1", media: file }),
    { aspect_ratio: "1:1", media: { url: URL_1 } },
  ],
]) {
  test(`a file may be ${place}`, async () => {
    for (const [form, file] of Object.entries({
      blob: png(),
      file: new File([PNG], "tiger.png", { type: "image/png" }),
      "blob without a type": new Blob([PNG]),
      bytes: PNG,
      buffer: Buffer.from(PNG),
      "array buffer": PNG.buffer.slice(0),
      view: new DataView(PNG.buffer.slice(0)),
    })) {
      const { client, stored, sent } = world();
      await client.create({ ...PROMPT, ...given(file) });
      assert.deepEqual(without(await sent()), { ...PROMPT, ...expected }, form);
      assert.equal(stored.length, 1);
      assert.deepEqual(new Uint8Array(await stored[0].arrayBuffer()), PNG);
      if (file.type) assert.equal(stored[0], file);
      else assert.equal(stored[0].type, "image/png");
    }
  });
}

test("a video may be modified and reframed, with a picture beside it; which, the file tells", async () => {
  const { client, sent } = world({ upload: ({ type }) => STORED + type });
  await client.create({ ...PROMPT, model: "ray-2", mode: "flex_1", media: mp4(), first_frame: JPEG });
  assert.deepEqual(without(await sent()), {
    ...PROMPT,
    mode: "flex_1",
    media: { url: `${STORED}video/mp4` },
    first_frame: { url: `${STORED}image/jpeg` },
  });
  for (const [file, model, type] of [
    [mp4(), "ray-2", "reframe_video"],
    [png(), "photon-1", "reframe_image"],
    [png(), "nova-1", "reframe_image"], // which the server does not know, either
  ]) {
    await client.create({ model, aspect_ratio: "1:1", media: file }).catch(({ status }) => assert.equal(status, 422));
    assert.equal((await sent()).generation_type, type);
  }
});

test("an address may stand for a media object, and loads nothing", async () => {
  const { client, stored, sent } = world();
  const url = "https://example.com/a.jpg";
  for (const [given, expected] of [
    [{ keyframes: { frame0: url } }, { keyframes: { frame0: { type: "image", url } } }],
    [
      { keyframes: { frame0: { url }, frame1: { type: "image", url } } },
      { keyframes: { frame0: { type: "image", url }, frame1: { type: "image", url } } },
    ],
    [{ image_ref: [url, { url, weight: 1 }] }, { image_ref: [{ url }, { url, weight: 1 }] }],
    [{ modify_image_ref: url }, { modify_image_ref: { url } }],
    [{ character_ref: { identity0: { images: [{ url }, url] } } }, { character_ref: { identity0: { images: [url, url] } } }],
  ]) {
    await client.create({ ...PROMPT, ...given });
    assert.deepEqual(without(await sent()), { ...PROMPT, ...expected });
    assert.deepEqual(await client.validate({ ...PROMPT, ...given }), []);
  }
  assert.deepEqual(stored, []);
});

test("a data: address is its content, at every provider", async () => {
  const url = `data:image/png;base64,${btoa(String.fromCharCode(...PNG))}`;
  const { client, stored, sent } = world();
  await client.create({ ...PROMPT, keyframes: { frame0: url, frame1: { type: "image", url } } });
  assert.deepEqual(
    stored.map(({ type, size }) => [type, size]),
    [["image/png", PNG.length]],
  );
  assert.equal((await sent()).keyframes.frame1.url, URL_1);
  for (const provider of ["agents", "piapi", "useapi"]) {
    const { client } = world({ provider, apiKey: "any", upload: null });
    assert.deepEqual(await client.validate({ ...PROMPT, keyframes: { frame0: url } }), [], provider);
  }
  for (const broken of ["data:image/png;base64,%", "data:,text", "blob:https://example.com/1"]) {
    const [problem] = await client.validate({ ...PROMPT, keyframes: { frame0: broken } });
    assert.deepEqual([problem.path, problem.code], ["keyframes.frame0.url", "invalid_url"]);
    assert.match(problem.message, /give the file itself/);
  }
});

test("bytes are known by how they begin, whatever type their Blob was given, and go on under their own", async () => {
  for (const [said, content, type] of [
    ["application/octet-stream", JPEG, "image/jpeg"],
    ["image/jpg", JPEG, "image/jpeg"],
    ["", PNG, "image/png"],
    ["binary/octet-stream; charset=x", PNG, "image/png"],
  ]) {
    const { client, stored } = world();
    await client.create({ ...PROMPT, keyframes: { frame0: new File([content], "mine.bin", { type: said }) } });
    assert.deepEqual([stored[0].type, stored[0].name, stored[0].size], [type, "mine.bin", content.length], said);
  }
});

test("what was given is what is handed over, whatever is changed meanwhile", async () => {
  const { client, stored, sent } = world();
  const data = Uint8Array.from(PNG);
  const request = { ...PROMPT, keyframes: { frame0: data } };
  const creating = client.create(request);
  data.fill(0);
  request.keyframes.frame0 = mp4();
  await creating;
  assert.deepEqual(new Uint8Array(await stored[0].arrayBuffer()), PNG);
  assert.equal((await sent()).keyframes.frame0.url, URL_1);
});

test("with validate: false nothing is changed but what is no JSON", async () => {
  const { client, simulator, sent } = world({ validate: false });
  await caught(client.create({ ...PROMPT, keyframes: { frame0: "https://example.com/a.jpg" } }));
  assert.deepEqual((await sent()).keyframes, { frame0: "https://example.com/a.jpg" });
  await client.create({ ...PROMPT, keyframes: { frame0: png() } });
  assert.deepEqual((await sent()).keyframes, { frame0: { type: "image", url: URL_1 } });
  await caught(client.create({ prompt: "x", keyframes: { frame0: new Blob(["text"], { type: "text/plain" }) } }));
  assert.deepEqual((await sent()).keyframes, { frame0: { type: "image", url: `${STORED}2` } });
  simulator.close();
});

test("a file in the place of the request is refused as none, whether requests are checked or not", async () => {
  for (const validate of [true, false]) {
    const { client, stored, created } = world({ validate });
    for (const file of [png(), PNG]) {
      for (const call of ["generate", "create", "estimate"]) {
        const error = await caught(client[call](file));
        assert.deepEqual(
          [error.code, /A request is an object/.test(error.message)],
          ["invalid_request", true],
          `${call}: ${error.message}`,
        );
      }
      assert.match((await client.validate(file))[0].message, /A request is an object/);
    }
    assert.deepEqual([stored.length, await created()], [0, 0]);
  }
});
