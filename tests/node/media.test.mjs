// Files where media stand in a request: checked first, handed over once, and sent as what the provider takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, LumaError } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";

const PROMPT = { prompt: "A tiger walking in snow" };
const STORED = "https://files.example/";
const MB = 1 << 20;

/** Bytes that begin as such a file does. */
const bytes = (beginning, more = "") => Uint8Array.from([...beginning, ...more], (character) => character.charCodeAt(0));
const PNG = bytes("\x89PNG\r\n\x1a\n", "a picture");
const JPEG = bytes("\xff\xd8\xff\xe0", "another picture");
const MP4 = bytes("\0\0\0\x18ftypmp42", "a video");

const png = (text = "") => new Blob([PNG, text], { type: "image/png" });
const mp4 = (text = "") => new Blob([MP4, text], { type: "video/mp4" });
const sized = (size, type) => new Blob([new Uint8Array(size)], { type });

const caught = (promise) => promise.then(() => assert.fail("it should have failed"), (error) => error);

/** A client of a simulator; `upload` is the caller's, and `stored` what it was given. */
function world({ upload, ...options } = {}) {
  const simulator = createSimulator({ clock: "auto" });
  const stored = [];
  const own = async (file, told) => {
    stored.push(file);
    return upload ? upload(file, told) : `${STORED}${stored.length}`;
  };
  const client = createClient({ apiKey: "any-key", fetch: simulator.fetch, clock: simulator.clock, upload: upload === null ? undefined : own, ...options });
  const sent = async () => JSON.parse((await simulator.requests()).findLast(({ method, path }) => method === "POST" && path.includes("generations")).body);
  const created = async () => (await simulator.generations()).length;
  return { simulator, client, stored, sent, created };
}

const without = ({ model, generation_type, ...request }) => request;
const URL_1 = `${STORED}1`;

for (const [place, given, expected] of [
  ["a first frame", (file) => ({ keyframes: { frame0: file } }), { keyframes: { frame0: { type: "image", url: URL_1 } } }],
  ["a first frame as its url", (file) => ({ keyframes: { frame0: { type: "image", url: file } } }), { keyframes: { frame0: { type: "image", url: URL_1 } } }],
  ["a first frame without its type", (file) => ({ keyframes: { frame1: { url: file } } }), { keyframes: { frame1: { type: "image", url: URL_1 } } }],
  ["a reference", (file) => ({ image_ref: [file] }), { image_ref: [{ url: URL_1 }] }],
  ["a reference with a weight", (file) => ({ style_ref: [{ url: file, weight: 0.5 }] }), { style_ref: [{ url: URL_1, weight: 0.5 }] }],
  ["a character", (file) => ({ character_ref: { identity0: { images: ["https://example.com/a.jpg", file] } } }), { character_ref: { identity0: { images: ["https://example.com/a.jpg", URL_1] } } }],
  ["a character as its url", (file) => ({ character_ref: { identity0: { images: [{ url: file }] } } }), { character_ref: { identity0: { images: [URL_1] } } }],
  ["a picture to modify", (file) => ({ modify_image_ref: file }), { modify_image_ref: { url: URL_1 } }],
  ["a picture to reframe", (file) => ({ model: "photon-1", aspect_ratio: "1:1", media: file }), { aspect_ratio: "1:1", media: { url: URL_1 } }],
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
  assert.deepEqual(without(await sent()), { ...PROMPT, mode: "flex_1", media: { url: `${STORED}video/mp4` }, first_frame: { url: `${STORED}image/jpeg` } });
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
    [{ keyframes: { frame0: { url }, frame1: { type: "image", url } } }, { keyframes: { frame0: { type: "image", url }, frame1: { type: "image", url } } }],
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

test("a finished generation may stand where media stand", async () => {
  const { client, sent, stored } = world();
  const video = await client.generate(PROMPT);
  const image = await client.generate({ ...PROMPT, model: "photon-1" });
  for (const [given, expected] of [
    [{ keyframes: { frame0: video, frame1: image } }, { keyframes: { frame0: { type: "generation", id: video.id }, frame1: { type: "image", url: image.assets.image } } }],
    [{ keyframes: { frame0: { url: video } } }, { keyframes: { frame0: { type: "generation", id: video.id } } }],
    [{ keyframes: { frame0: { ...image, provider: "agents" } } }, { keyframes: { frame0: { type: "image", url: image.assets.image } } }],
    [{ image_ref: [image, { url: image, weight: 0.5 }] }, { image_ref: [{ url: image.assets.image }, { url: image.assets.image, weight: 0.5 }] }],
    [{ modify_image_ref: image.raw }, { modify_image_ref: { url: image.assets.image } }],
    [{ character_ref: { identity0: { images: [image] } } }, { character_ref: { identity0: { images: [image.assets.image] } } }],
    [{ model: "ray-2", mode: "flex_1", media: video }, { mode: "flex_1", media: { url: video.assets.video } }],
  ]) {
    await client.create({ ...PROMPT, ...given });
    assert.deepEqual(without(await sent()), { ...PROMPT, ...expected });
  }
  assert.deepEqual(stored, []);
  const young = await client.create({ ...PROMPT, model: "photon-1" });
  const { problems } = await caught(client.create({ ...PROMPT, image_ref: [young] }));
  assert.deepEqual(problems.map(({ path, code }) => [path, code]), [["image_ref[0].url", "required"]]);
});

test("what is wrong is told before anything is handed over", async () => {
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
    assert.deepEqual(found.map(({ path, code }) => [path, code]), expected);
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
  assert.equal((await client.estimate(given)).certainty, "unknown");
  assert.equal((await caught(client.generate(given, { timeout: -1 }))).problems[0].path, "timeout");
  assert.deepEqual(stored, []);
});

test("without an upload option there is nowhere to put a file, which is told at once", async () => {
  const { client, simulator } = world({ upload: null });
  const given = { ...PROMPT, keyframes: { frame0: png() } };
  const [problem] = await client.validate(given);
  assert.deepEqual([problem.path, problem.code], ["keyframes.frame0", "unsupported"]);
  const { code, message, problems } = await caught(client.generate(given));
  assert.deepEqual([code, problems], ["unsupported", [problem]]);
  assert.equal(message, (await caught(client.upload(png()))).message);
  assert.deepEqual(await simulator.requests(), []);
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

test("the same bytes are handed over once, by whatever object and however often at the same time", async () => {
  const { client, stored, sent } = world();
  const file = png();
  const request = { ...PROMPT, keyframes: { frame0: file, frame1: png() } };
  await Promise.all([client.create(request), client.create(request), client.upload(new File([PNG], "a.png", { type: "image/png" }))]);
  await client.create({ ...PROMPT, keyframes: { frame0: PNG } });
  assert.equal(await client.upload(file), URL_1);
  assert.equal(stored.length, 1);
  assert.deepEqual((await sent()).keyframes, { frame0: { type: "image", url: URL_1 } });
  await client.create({ ...PROMPT, keyframes: { frame0: png("!") } });
  assert.equal(stored.length, 2);
  await world().client.upload(file); // another client is told nothing
});

test("an address of the caller's is used again for ten minutes", async () => {
  const { client, simulator, stored } = world();
  const file = png();
  await client.upload(file);
  await simulator.advance(9 * 60_000);
  await client.upload(file);
  assert.equal(stored.length, 1);
  await simulator.advance(2 * 60_000);
  await client.upload(file);
  assert.equal(stored.length, 2);
});

test("a failed upload is told where it is, makes nothing, and is forgotten", async () => {
  for (const [upload, code, says] of [
    [() => Promise.reject(new Error("the bucket is full")), "network", "keyframes.frame0 was not stored by the upload option: the bucket is full"],
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

/** An upload option that waits until it is let go. */
function gate() {
  const waiting = [];
  const upload = (_, { signal }) => new Promise((resolve, reject) => waiting.push({ signal, end: () => resolve(`${STORED}${waiting.length}`), reject }));
  const begun = async (count = 1) => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve));
  };
  return { upload, waiting, begun };
}

test("an abort is felt at once while a file is handed over; who wants the same file goes on", async () => {
  const { upload, waiting, begun } = gate();
  const { client, created } = world({ upload });
  const [one, two] = [new AbortController(), new AbortController()];
  const request = { ...PROMPT, keyframes: { frame0: png() } };
  const first = caught(client.generate(request, { signal: one.signal }));
  const second = caught(client.generate(request, { signal: two.signal }));
  await begun();
  one.abort("enough");
  const error = await first;
  assert.deepEqual([error.name, error.code, error.cause], ["AbortError", "aborted", "enough"]);
  assert.equal(waiting[0].signal.aborted, false);
  two.abort();
  assert.equal((await second).code, "aborted");
  assert.equal(waiting[0].signal.aborted, true, "nobody wants it any more");
  assert.equal((await caught(client.generate(request, { signal: AbortSignal.abort() }))).code, "aborted");

  const third = client.create(request);
  await begun(2);
  waiting[1].end();
  await third;
  assert.deepEqual([waiting.length, await created()], [2, 1]);
  const three = new AbortController();
  const alone = caught(client.upload(mp4(), { signal: three.signal }));
  await begun(3);
  three.abort();
  assert.equal((await alone).code, "aborted");
});

test("the caller's patience is for the upload as well", async () => {
  const { client, created, simulator } = world({
    async upload() {
      await simulator.clock.sleep(10_000);
      return URL_1;
    },
  });
  const request = { ...PROMPT, keyframes: { frame0: png() } };
  const { code, message } = await caught(client.generate(request, { timeout: 5_000 }));
  assert.equal(code, "timeout");
  assert.match(message, /before anything was created/);
  assert.equal(await created(), 0);

  const before = simulator.now();
  const { code: late, generation } = await caught(client.generate({ ...PROMPT, keyframes: { frame0: png("!") } }, { timeout: 20_000 }));
  assert.equal(late, "timeout");
  assert.ok(generation, "the job was made");
  assert.equal(simulator.now() - before, 20_000);
});

test("how far an upload is, is told before the job is", async () => {
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
  assert.deepEqual(uploading.map(({ upload }) => upload), [0, 9, file.size].map((loaded) => ({ path: "image_ref[0].url", loaded, total: file.size })));
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

test("of a batch, a few files are on their way at once, and one that fails fails alone", async () => {
  let [under, most] = [0, 0];
  const { client, stored } = world({
    async upload(file) {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve));
      under--;
      if (file.size === PNG.length + 3) throw new Error("unlucky");
      return `${STORED}${file.size}`;
    },
  });
  const requests = Array.from({ length: 12 }, (_, index) => ({ ...PROMPT, image_ref: [png("x".repeat(index))] }));
  const results = await client.generateAll(requests);
  assert.deepEqual(results.map(({ status }, index) => status === "rejected" && index).filter(Boolean), [3]);
  assert.deepEqual(results.map(({ request }) => request), requests);
  assert.deepEqual([most, stored.length], [4, 12]);
});
