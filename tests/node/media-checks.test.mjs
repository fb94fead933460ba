// Files that are checked before anything is handed over: their type, their size, and whether there is a place for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LumaError } from "luma-edge";
import { bytes, caught, elsewhere, MB, mp4, OTHERS, PROMPT, png, STORED, sized, world } from "./media.mjs";

test("what is wrong is reported before anything is handed over", async () => {
  for (const [given, ...expected] of [
    [{ prompt: "x", keyframes: { frame0: png() } }, ["prompt", "too_short"]],
    [{ ...PROMPT, keyframes: { frame0: sized(10 * MB + 1, "image/png") } }, ["keyframes.frame0", "too_large"]],
    [{ ...PROMPT, keyframes: { frame0: { type: "image", url: sized(0, "image/png") } } }, ["keyframes.frame0.url", "invalid_value"]],
    [{ ...PROMPT, keyframes: { frame1: mp4() } }, ["keyframes.frame1", "invalid_type"]],
    [{ ...PROMPT, image_ref: [png(), new Blob(["text"], { type: "text/plain" })] }, ["image_ref[1]", "invalid_type"]],
    [{ ...PROMPT, image_ref: [new Uint8Array(9)] }, ["image_ref[0]", "invalid_type"]],
    [{ ...PROMPT, model: "ray-2", mode: "flex_1", media: sized(100 * MB + 1, "video/mp4") }, ["media", "too_large"]],
    [{ ...PROMPT, model: "ray-2", mode: "flex_1", media: png() }, ["media", "invalid_type"]],
    [{ ...PROMPT, model: "ray-2", aspect_ratio: "1:1", media: png() }, ["model", "unsupported"]],
    [{ ...PROMPT, image_ref: [png(), png(), png(), png(), png()] }, ["image_ref", "too_many"]],
    [{ prompt: png() }, ["prompt", "invalid_type"]],
    [{ prompt: "x", style_ref: [mp4()] }, ["style_ref[0]", "invalid_type"], ["prompt", "too_short"]],
  ]) {
    const { client, stored, simulator } = world();
    const found = await client.validate(given);
    assert.deepEqual(
      found.map(({ path, code }) => [path, code]),
      expected,
    );
    const error = await caught(client.generate(given));
    assert.ok(error instanceof LumaError);
    assert.deepEqual([error.code, error.problems], ["invalid_request", found]);
    for (const { path, message } of found) assert.ok(error.message.includes(`${path}: ${message}`), error.message);
    assert.deepEqual(stored, []);
    assert.deepEqual(await simulator.requests(), []);
  }
  const { client, stored } = world();
  const given = { ...PROMPT, keyframes: { frame0: png() } };
  assert.deepEqual(await client.validate(given), []);
  assert.equal((await client.estimate(given)).certainty, "approximate");
  assert.equal((await caught(client.generate(given, { timeout: -1 }))).problems[0].path, "timeout");
  assert.deepEqual(stored, []);
});

test("without an upload option there is nowhere to put a file, which is reported at once", async () => {
  const { client, simulator } = world({ upload: null });
  const given = { ...PROMPT, keyframes: { frame0: png() } };
  const [problem] = await client.validate(given);
  assert.deepEqual([problem.path, problem.code], ["keyframes.frame0", "unsupported"]);
  const { code, message, problems } = await caught(client.generate(given));
  assert.deepEqual([code, problems], ["unsupported", [problem]]);
  assert.equal(message, (await caught(client.upload(png()))).message);
  assert.deepEqual(await simulator.requests(), []);
});

test("a timeout that is none is reported with a file, too", async () => {
  const { client } = world();
  const request = { ...PROMPT, keyframes: { frame0: png() } };
  for (const timeout of [0, -1, Number.NaN, "1s"]) {
    const { code, problems } = await caught(client.create(request).then(() => client.generate(request, { timeout })));
    assert.deepEqual([code, problems[0].path], ["invalid_request", "timeout"]);
  }
  assert.equal((await client.generate(request, { timeout: null })).state, "completed");
});

test("HEIC goes where no document refuses it", async () => {
  const heic = bytes("\0\0\0\x18ftypheic", "a picture");
  for (const [provider, refused] of Object.entries({ "dream-machine": false, agents: false, useapi: true, piapi: true })) {
    const { client } = world({ provider, apiKey: "any", ...(provider !== "dream-machine" && { upload: null }) });
    const problems = await client.validate({ ...PROMPT, keyframes: { frame0: heic } });
    assert.deepEqual(
      problems.map(({ path, message }) => [path, /is image\/heic, and \w+ takes image\/jpeg/.test(message)]),
      refused ? [["keyframes.frame0", true]] : [],
      provider,
    );
  }
});

test("piapi: what goes to the caller's own storage may be of any size and type", async () => {
  const stored = [];
  const { client, calls } = elsewhere(OTHERS[2], { upload: async (file) => `${STORED}${stored.push(file)}` });
  for (const [index, file] of [sized(12 * MB, "image/png"), new Blob(["GIF89a"], { type: "image/gif" })].entries()) {
    assert.deepEqual(await client.validate({ ...PROMPT, keyframes: { frame0: file } }), []);
    await client.create({ ...PROMPT, keyframes: { frame0: file } });
    assert.equal(calls.at(-1).body.input.start_image, `${STORED}${index + 1}`);
  }
  for (const [file, code] of [
    [mp4(), "invalid_type"],
    [sized(0, "image/png"), "invalid_value"],
  ]) {
    assert.deepEqual(
      (await client.validate({ ...PROMPT, keyframes: { frame0: file } })).map(({ path, code }) => [path, code]),
      [["keyframes.frame0", code]],
    );
  }
});

test("a File that cannot be read is reported as one", async () => {
  const like = { [Symbol.toStringTag]: "File", name: "a.png", size: 3, type: "image/png", slice: () => like };
  const error = await caught(world().client.create({ ...PROMPT, keyframes: { frame0: like } }));
  assert.deepEqual([error.code, error.problems[0].path], ["invalid_request", "keyframes.frame0"]);
  assert.match(error.message, /File that cannot be read/);
});
