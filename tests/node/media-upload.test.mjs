// The caller's own `upload`: when it is called, how far it is, and what becomes of its address or its failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LumaError } from "luma-edge";
import { memoryStore } from "luma-edge/stores";
import { caught, elsewhere, OTHERS, PROMPT, png, STORED, URL_1, world } from "./media.mjs";

test("a failed upload is reported at its field, makes nothing, and is forgotten", async () => {
  for (const [upload, code, says] of [
    [
      () => Promise.reject(new Error("the bucket is full")),
      "network",
      "keyframes.frame0 was not stored by the upload option: the bucket is full",
    ],
    [() => undefined, "invalid_request", "keyframes.frame0: the upload option must give"],
    [() => "http://localhost/a.png", "invalid_request", "keyframes.frame0.url: is an address of this machine"],
  ]) {
    let broken = true;
    const { client, stored, created } = world({ upload: (file) => (broken ? upload() : URL_1) });
    const request = { ...PROMPT, keyframes: { frame0: png() } };
    const error = await caught(client.create(request));
    assert.deepEqual([error instanceof LumaError, error.code], [true, code]);
    assert.ok(error.message.includes(says), error.message);
    if (code === "network") assert.equal(error.cause.message, "the bucket is full");
    assert.equal(await created(), 0);
    if (says.includes("this machine")) continue; // that is an address, only a bad one
    broken = false;
    await client.create(request);
    assert.equal(stored.length, 2);
  }
});

test("how far an upload is, is reported before the job is", async () => {
  const { client } = world({
    upload: async (file, { onProgress }) => {
      onProgress({ loaded: 9, total: file.size });
      return URL_1;
    },
  });
  const file = png();
  const updates = [];
  await client.generate({ ...PROMPT, image_ref: [{ url: file, weight: 1 }] }, { onUpdate: (update) => updates.push(update) });
  const uploading = updates.filter(({ state }) => state === "uploading");
  assert.deepEqual(
    uploading.map(({ upload }) => upload),
    [0, 9, file.size].map((loaded) => ({ path: "image_ref[0].url", loaded, total: file.size })),
  );
  for (const { progress } of uploading) assert.equal(progress.elapsed / progress.expected, 0);
  assert.deepEqual([updates.indexOf(uploading.at(-1)), updates.at(-1).state], [2, "completed"]);

  const loaded = [];
  await client.upload(png("!"), { onProgress: (step) => loaded.push(step.loaded) });
  assert.deepEqual(loaded, [0, 9, file.size + 1]);
});

test("a listener's own exception costs nobody an upload", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const { client } = world();
  const onUpdate = ({ state }) => {
    if (state === "uploading") throw new Error("a mistake of the page");
  };
  assert.equal((await client.generate({ ...PROMPT, image_ref: [png()] }, { onUpdate })).state, "completed");
  assert.ok(shown.mock.callCount() > 0);
});

test("the ticket has the reference, so that a resume needs no file", async () => {
  const store = memoryStore();
  const { client, stored } = world({ store });
  const leave = new AbortController();
  const onUpdate = ({ state }) => state === "queued" && leave.abort();
  await caught(client.generate({ ...PROMPT, keyframes: { frame0: png() } }, { signal: leave.signal, onUpdate }));
  const [{ request, done }] = await client.resume();
  assert.deepEqual(request.keyframes, { frame0: { type: "image", url: URL_1 } });
  assert.equal((await done).state, "completed");
  assert.equal(stored.length, 1);
});

test("the caller's upload goes before the provider's own where addresses are taken", async () => {
  for (const { provider, apiKey } of OTHERS) {
    const stored = [];
    const { client, calls } = elsewhere({ provider, apiKey }, { upload: async (file) => `${STORED}${stored.push(file)}` });
    await client.create({ ...PROMPT, ...(provider === "agents" && { model: "ray-3.2" }), keyframes: { frame0: png() } });
    assert.equal(stored.length, provider === "useapi" ? 0 : 1);
    assert.equal(JSON.stringify(calls.at(-1).body).includes(URL_1), provider !== "useapi");
  }
});
