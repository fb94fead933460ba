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

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

/** A client of a simulator; `upload` is the caller's, and `stored` what it was given. */
function world({ upload, ...options } = {}) {
  const simulator = createSimulator({ clock: "auto" });
  const stored = [];
  const own = async (file, told) => {
    stored.push(file);
    return upload ? upload(file, told) : `${STORED}${stored.length}`;
  };
  const client = createClient({
    apiKey: "any-key",
    fetch: simulator.fetch,
    clock: simulator.clock,
    upload: upload === null ? undefined : own,
    ...options,
  });
  const sent = async () =>
    JSON.parse((await simulator.requests()).findLast(({ method, path }) => method === "POST" && path.includes("generations")).body);
  const created = async () => (await simulator.generations()).length;
  return { simulator, client, stored, sent, created };
}

const without = ({ model, generation_type, ...request }) => request;
const URL_1 = `${STORED}1`;

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

/** An upload option that waits until it is let go. */
function gate() {
  const waiting = [];
  const upload = (_, { signal }) =>
    new Promise((resolve, reject) => waiting.push({ signal, end: () => resolve(`${STORED}${waiting.length}`), reject }));
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

test("who waits for another call's upload goes on by itself when nothing more is heard of that", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const { upload, waiting, begun } = gate();
  const { client } = world({ upload });
  const turns = () => new Promise((resolve) => setTimeout(resolve, 5));
  // As many as may be on their way at once, of calls that will never go on.
  for (const more of ["", "1", "2", "3"]) client.upload(png(more)).catch(() => {});
  await begun(4);
  const [same, another] = [client.upload(png()), client.upload(png("5"))];
  await turns();
  t.mock.timers.tick(29_000);
  await turns();
  assert.equal(waiting.length, 4);
  for (let seconds = 0; waiting.length < 6; seconds++) {
    assert.ok(seconds < 100, `${waiting.length} have begun`);
    t.mock.timers.tick(1_000);
    await turns();
  }
  for (const { end } of waiting.slice(4)) end();
  assert.ok((await same).startsWith(STORED) && (await another).startsWith(STORED));
});

test("the caller's patience is for the upload as well", async () => {
  // A hundred times as fast as real time: a virtual clock would not wait for what a machine does in between.
  const { fetch, clock, generations } = createSimulator({ clock: 100, durations: 3_600_000 });
  const upload = async () => {
    await clock.sleep(60_000);
    return URL_1;
  };
  const { generate } = createClient({ apiKey: "any-key", fetch, clock, upload });
  const { code, message } = await caught(generate({ ...PROMPT, keyframes: { frame0: png() } }, { timeout: 5_000 }));
  assert.equal(code, "timeout");
  assert.match(message, /before anything was created/);
  assert.deepEqual(await generations(), []);

  const before = clock.now();
  const late = await caught(generate({ ...PROMPT, keyframes: { frame0: png("!") } }, { timeout: 100_000 }));
  assert.equal(late.code, "timeout");
  assert.equal(late.generation.id, (await generations())[0].id);
  assert.ok(clock.now() - before < 150_000, `${clock.now() - before} ms`);
});

test("a file whose content does not come costs no more than the caller's patience", async () => {
  const never = () => new Promise(() => {});
  const stuck = (type) => ({ type, size: 9, name: "a", arrayBuffer: never, stream: never, slice: () => stuck(type) });
  for (const [provider, type] of [
    ["dream-machine", ""],
    ["dream-machine", "image/png"],
    ["agents", "image/png"],
    ["piapi", "image/png"],
  ]) {
    const asked = [];
    const fetch = async (url) => asked.push(url);
    const { generate, upload } = createClient({
      provider,
      apiKey: "any-key",
      fetch,
      upload: provider === "dream-machine" ? never : undefined,
    });
    const request = { ...PROMPT, keyframes: { frame0: stuck(type) } };
    assert.equal((await caught(generate(request, { timeout: 20 }))).code, "timeout", `${provider} ${type}`);
    for (const call of [(options) => generate(request, options), (options) => upload(stuck(type), options)]) {
      const leave = new AbortController();
      setTimeout(() => leave.abort(), 5);
      assert.equal((await caught(call({ signal: leave.signal }))).code, "aborted", `${provider} ${type}`);
    }
    assert.deepEqual(asked, []);
  }
});

test("a timeout that is none is told with a file, too", async () => {
  const { client } = world();
  const request = { ...PROMPT, keyframes: { frame0: png() } };
  for (const timeout of [0, -1, Number.NaN, "1s"]) {
    const { code, problems } = await caught(client.create(request).then(() => client.generate(request, { timeout })));
    assert.deepEqual([code, problems[0].path], ["invalid_request", "timeout"]);
  }
  assert.equal((await client.generate(request, { timeout: null })).state, "completed");
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
  assert.deepEqual(
    results.map(({ request }) => request),
    requests,
  );
  assert.deepEqual([most, stored.length], [4, 12]);
});

/** The other providers take files themselves: how each is called, what names a file then, and what becomes of the first frame. */
const OTHERS = [
  {
    provider: "agents",
    apiKey: "luma-api-key",
    reference: ["file_id"],
    steps: ["POST /v1/files"],
    takes: { image: 50, video: 200 },
    frame: ({ body }) => body.video.start_frame.file_id,
  },
  {
    provider: "useapi",
    apiKey: "user:1-key",
    reference: ["file_id"],
    steps: ["GET /v1/luma/accounts", "POST /v1/luma/assets/ID"],
    takes: { image: 20 },
    frame: ({ body }) => body.imageStart,
  },
  {
    provider: "piapi",
    apiKey: "any-key",
    reference: ["url"],
    steps: ["POST /api/ephemeral_resource"],
    takes: { image: 10, video: 10 },
    frame: ({ body }) => body.input.start_image,
  },
];

/** A client of another provider, and what went out: addresses on other hosts are pictures. */
function elsewhere({ provider, apiKey }, options = {}) {
  const simulator = createSimulator({ clock: "auto" });
  const events = [];
  const calls = [];
  const fetched = [];
  const fetch = async (input, init = {}) => {
    if (String(input).startsWith("https://example.com/")) {
      fetched.push({ input, init });
      return input.endsWith("/gone")
        ? new Response("", { status: 404 })
        : new Response(png(), { headers: { "content-type": input.endsWith(".svg") ? "image/svg+xml" : "image/png" } });
    }
    const { body } = init;
    calls.push({
      method: init.method,
      url: new URL(input),
      headers: init.headers,
      body: typeof body === "string" ? JSON.parse(body) : body,
    });
    return simulator.fetch(input, init);
  };
  const client = createClient({ provider, apiKey, fetch, clock: simulator.clock, onEvent: (event) => events.push(event), ...options });
  return { client, simulator, calls, fetched, events, uploads: () => calls.filter(({ body }) => body instanceof Blob || body?.file_data) };
}

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
  test(`${target.provider}: a generation of another provider stands as its file, or is told of before anything is sent`, async () => {
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

/** The bytes that a call hands over, in whichever form. */
async function contentOf({ body, headers }) {
  if (body.file_data) return Buffer.from(body.file_data, "base64");
  const form = headers["content-type"].startsWith("multipart/") && (await new Response(body, { headers }).formData());
  return (form ? form.get("file") : body).arrayBuffer();
}

for (const other of OTHERS) {
  const { provider, reference, steps, takes, frame } = other;
  const tiger = provider === "agents" ? { ...PROMPT, model: "ray-3.2" } : PROMPT;

  test(`${provider}: a file is handed over in its steps, and named in the request`, async () => {
    const { client, calls, uploads } = elsewhere(other);
    await client.create({ ...tiger, keyframes: { frame0: new File([PNG], "tiger.png", { type: "image/png" }) } });
    const names = calls.map(({ method, url }) =>
      method === "PUT" ? method : `${method} ${url.pathname.replace(/(files|assets)\/[^/]+/, "$1/ID")}`,
    );
    assert.deepEqual(names.slice(0, steps.length), steps);
    assert.equal(calls.length, steps.length + 1);
    const [upload] = uploads();
    assert.deepEqual(new Uint8Array(await contentOf(upload)), PNG);
    const text = JSON.stringify(calls.at(-1).body);
    assert.ok(frame(calls.at(-1)), text);
    assert.ok(!text.includes("upload.example"), text);
  });

  test(`${provider}: upload gives what a request takes in a file's place, once`, async () => {
    const { client, calls, uploads } = elsewhere(other);
    const file = png();
    const progress = [];
    const [given, again] = await Promise.all([client.upload(file, { onProgress: (step) => progress.push(step) }), client.upload(PNG)]);
    assert.deepEqual([Object.keys(given), again], [reference, given]);
    assert.equal(uploads().length, 1);
    assert.deepEqual(
      progress,
      [0, file.size].map((loaded) => ({ loaded, total: file.size })),
    );
    await client.create({ ...tiger, keyframes: { frame0: given } });
    const named = frame(calls.at(-1));
    await client.create({ ...tiger, keyframes: { frame0: file } });
    assert.deepEqual([frame(calls.at(-1)), uploads().length], [named, 1]);
  });

  test(`${provider}: nothing is handed over for a request that is refused`, async () => {
    const { client, calls } = elsewhere(other);
    for (const [given, ...expected] of [
      [{ prompt: "", keyframes: { frame0: png() } }, ["prompt", "required"]],
      [{ ...tiger, keyframes: { frame0: sized(takes.image * MB + 1, "image/png") } }, ["keyframes.frame0", "too_large"]],
      [{ ...tiger, keyframes: { frame0: mp4() } }, ["keyframes.frame0", "invalid_type"]],
    ]) {
      assert.deepEqual(
        (await client.validate(given)).map(({ path, code }) => [path, code]),
        expected,
      );
      assert.equal((await caught(client.create(given))).code, "invalid_request");
    }
    for (const [file, code] of [
      [sized(takes.image * MB + 1, "image/jpeg"), "too_large"],
      [takes.video ? sized(takes.video * MB + 1, "video/mp4") : mp4(), takes.video ? "too_large" : "invalid_type"],
      [new Blob(["text"]), "invalid_type"],
      ["text", "invalid_type"],
      [undefined, "invalid_type"],
    ]) {
      const { problems } = await caught(client.upload(file));
      assert.deepEqual(
        problems.map(({ path, code }) => [path, code]),
        [["file", code]],
      );
    }
    assert.deepEqual(calls, []);
  });

  test(`${provider}: an abort is felt in the middle of an upload`, async () => {
    const leave = new AbortController();
    const { client, events } = elsewhere(other, {
      fetch: (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const uploading = caught(client.upload(png(), { signal: leave.signal }));
    while (!events.length) await new Promise((resolve) => setTimeout(resolve));
    leave.abort();
    assert.equal((await uploading).code, "aborted");
  });

  test(`${provider}: a broken upload is tried again, and a refused one told`, async () => {
    const { simulator } = elsewhere(other);
    let failures = 1;
    const { upload } = createClient({
      ...{ provider, apiKey: other.apiKey, clock: simulator.clock },
      fetch: async (input, init) =>
        init.body !== undefined && failures-- > 0 ? new Response("", { status: 503 }) : simulator.fetch(input, init),
    });
    assert.deepEqual(Object.keys(await upload(png())), reference);
    failures = Infinity;
    assert.equal((await caught(upload(png("!")))).code, "server");
    failures = 0;
    assert.deepEqual(Object.keys(await upload(png("!"))), reference);
  });

  test(`${provider}: the key goes to the provider alone, and no event tells of it or of a storage's query`, async () => {
    const { client, calls, events } = elsewhere(other);
    // Large enough for a storage, where there is one.
    await client.create({ ...tiger, keyframes: { frame0: sized(9 * MB, "image/png") } });
    for (const { url, headers, method } of calls)
      assert.equal(JSON.stringify(headers).includes(other.apiKey), method !== "PUT", `${method} ${url}`);
    const told = JSON.stringify(events);
    assert.ok(!told.includes(other.apiKey));
    const put = calls.find(({ method }) => method === "PUT");
    assert.equal(Boolean(put?.url.search), provider === "agents");
    if (put) assert.ok(told.includes(put.url.pathname) && !told.includes(put.url.search));
  });
}

test("useapi: what lies at an address is fetched without a key and handed over, when the request is good", async () => {
  const { client, calls, fetched, uploads } = elsewhere(OTHERS[1]);
  await caught(client.create({ prompt: "", keyframes: { frame0: "https://example.com/a.png" } }));
  assert.deepEqual(fetched, []);
  await client.create({
    ...PROMPT,
    keyframes: { frame0: "https://example.com/a.png", frame1: { type: "image", url: "https://example.com/b.png" } },
  });
  assert.deepEqual(
    fetched.map(({ input, init }) => [input, Object.keys(init)]),
    [
      ["https://example.com/a.png", ["signal"]],
      ["https://example.com/b.png", ["signal"]],
    ],
  );
  assert.equal(uploads().length, 1, "they are the same");
  const { imageStart, imageEnd } = calls.at(-1).body;
  assert.ok(imageStart && imageStart === imageEnd);
  for (const [url, code] of [
    ["https://example.com/gone", "invalid_url"],
    ["https://example.com/a.svg", "invalid_type"],
    ["ftp://example.com/a.png", "invalid_url"],
  ]) {
    const { problems } = await caught(client.create({ ...PROMPT, keyframes: { frame0: { url } } }));
    assert.deepEqual(
      problems.map(({ path, code }) => [path, code]),
      [["keyframes.frame0.url", code]],
    );
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

/** A client of useapi.net that fetches addresses by `answer`, and how many of them are under way at most. */
function fetching(answer) {
  const { simulator } = elsewhere(OTHERS[1]);
  const told = { fetched: [], under: 0, most: 0 };
  const fetch = async (input, init) => {
    if (!input.startsWith("https://example.com/")) return simulator.fetch(input, init);
    told.fetched.push(input);
    told.most = Math.max(told.most, ++told.under);
    await new Promise((resolve) => setTimeout(resolve));
    told.under--;
    return answer(input);
  };
  return { ...told, told, simulator, client: createClient({ provider: "useapi", apiKey: "user:1-key", fetch, clock: simulator.clock }) };
}

test("useapi: what lies at an address is read no further than it may be large", async () => {
  let read = 0;
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array((read += MB) && MB)) }, { highWaterMark: 0 });
  for (const [headers, most, says] of [
    [{ "content-length": String(21 * MB) }, 0, "has 21.0 MB"],
    [{}, 21 * MB, "has more than the 20 MB"],
  ]) {
    read = 0;
    const { client } = fetching(() => new Response(endless(), { headers: { ...headers, "content-type": "image/png" } }));
    const { problems } = await caught(client.create({ ...PROMPT, keyframes: { frame0: "https://example.com/endless.png" } }));
    assert.deepEqual(
      problems.map(({ path, code }) => [path, code]),
      [["keyframes.frame0.url", "too_large"]],
    );
    assert.ok(problems[0].message.startsWith(says), problems[0].message);
    assert.equal(read, most);
  }
});

test("useapi: a few addresses are fetched at once, each once, and again after ten minutes", async () => {
  const { client, told, simulator } = fetching((url) => new Response(png(url)));
  const request = (name) => ({ ...PROMPT, keyframes: { frame0: `https://example.com/${name}.png` } });
  const results = await client.generateAll(Array.from({ length: 24 }, (_, index) => request(index % 8)));
  assert.ok(results.every(({ status }) => status === "fulfilled"));
  assert.deepEqual([told.fetched.length, told.most], [8, 4]);
  await simulator.advance(11 * 60_000);
  await client.create(request(0));
  assert.equal(told.fetched.length, 9);
});

test("useapi: an address that fails is told of at each place where it stands, and asked again", async () => {
  const { client, told } = fetching((url) => (told.fetched.length === 1 ? Response.json({}, { status: 503 }) : new Response(png(url))));
  const url = "https://example.com/a.png";
  const requests = [
    { ...PROMPT, keyframes: { frame0: url } },
    { ...PROMPT, model: "photon-v2", image_ref: [url] },
  ];
  const errors = await Promise.all(requests.map((request) => caught(client.create(request))));
  assert.deepEqual(
    errors.map(({ problems }) => problems[0].path),
    ["keyframes.frame0.url", "image_ref[0].url"],
  );
  assert.ok(errors.every(({ message, problems }) => message.includes(`${problems[0].path}: answered 503`)));
  assert.equal(told.fetched.length, 1);
  await client.create(requests[0]);
  assert.equal(told.fetched.length, 2);
});

test("a file's name is one that the provider takes", async () => {
  for (const [given, type, name] of [
    ["tiger.png", "image/png", "tiger.png"],
    ["tiger", "image/jpeg", "tiger.jpg"],
    ["C:\\a/b?c#d.e.jfif", "image/jpeg", "C-a-b-c-d-e.jpg"],
    ["Größe 北.PNG", "image/png", "Größe-北.png"],
    ["", "image/webp", "file.webp"],
    ["x".repeat(300), "video/mp4", `${"x".repeat(80)}.mp4`],
  ]) {
    const { client, uploads } = elsewhere(OTHERS[2]);
    await client.upload(new File([PNG], given, { type }));
    assert.equal(uploads()[0].body.file_name, name);
  }
});

test("useapi: a file goes to the account that the request or the caller names", async () => {
  const { client, calls } = elsewhere(OTHERS[1]);
  const [{ email }] = await client.accounts.list();
  calls.length = 0;
  await client.upload(png(), { account: email });
  await client.create({ ...PROMPT, email, keyframes: { frame0: png("!") } });
  assert.deepEqual(
    calls.map(({ method, url }) => `${method} ${url.pathname}`),
    [`POST /v1/luma/assets/${encodeURIComponent(email)}`, `POST /v1/luma/assets/${encodeURIComponent(email)}`, "POST /v1/luma/videos"],
  );
});

test("useapi: what the first account has is not sent again when that is named", async () => {
  const { client, calls, uploads } = elsewhere(OTHERS[1]);
  const [{ email }] = await client.accounts.list();
  const file = png();
  const { file_id } = await client.upload(file);
  for (const frame0 of [file, png()]) {
    await client.create({ ...PROMPT, email, keyframes: { frame0 } });
    assert.equal(calls.at(-1).body.imageStart, file_id);
    assert.deepEqual(await client.upload(frame0, { account: email }), { file_id });
  }
  assert.equal(uploads().length, 1);
});

test("useapi: a file goes where the file beside it is", async () => {
  const { client, calls, fetched } = elsewhere(OTHERS[1]);
  const { account } = await client.accounts.add("a-session:other@some-where.example");
  const { file_id } = await client.upload(png(), { account });
  for (const [more, given, named] of [
    ["!", (file) => ({ keyframes: { frame0: { file_id }, frame1: file } }), "imageEnd"],
    ["?", (file) => ({ keyframes: { frame1: { file_id }, frame0: file } }), "imageStart"],
    [".", (file) => ({ model: "photon-v2", image_ref: [file, { file_id }] }), "imageRef1"],
    ["", () => ({ keyframes: { frame0: "https://example.com/a.png", frame1: { file_id } } }), "imageStart"],
  ]) {
    await client.create({ ...PROMPT, ...given(png(more)) });
    assert.match(calls.at(-1).body[named], /-email:other@some-where\.example-/);
  }
  assert.equal(fetched.length, 1);
  // A reference of another form tells nothing; the simulator knows it as little.
  const { status } = await caught(client.create({ ...PROMPT, keyframes: { frame0: { file_id: "newer-form" }, frame1: png("new") } }));
  assert.equal(status, 400);
  assert.match(calls.at(-1).body.imageEnd, /-email:me@example\.com-/);
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

test("the caller's upload goes before the provider's own where addresses are taken", async () => {
  for (const { provider, apiKey } of OTHERS) {
    const stored = [];
    const { client, calls } = elsewhere({ provider, apiKey }, { upload: async (file) => `${STORED}${stored.push(file)}` });
    await client.create({ ...PROMPT, ...(provider === "agents" && { model: "ray-3.2" }), keyframes: { frame0: png() } });
    assert.equal(stored.length, provider === "useapi" ? 0 : 1);
    assert.equal(JSON.stringify(calls.at(-1).body).includes(URL_1), provider !== "useapi");
  }
});

test("agents: a video is a file like another, and a generation is named by its id", async () => {
  const { client, calls } = elsewhere(OTHERS[0]);
  await client.create({ ...PROMPT, model: "ray-3.2", mode: "flex_1", media: mp4() });
  assert.ok(calls.at(-1).body.source.file_id);
  const image = await client.generate({ ...PROMPT, model: "uni-1" });
  await client.create({ ...PROMPT, model: "uni-1", image_ref: [image] });
  assert.deepEqual(calls.at(-1).body.image_ref, [{ generation_id: image.id }]);
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

test("a File that cannot be read is told as one", async () => {
  const like = { [Symbol.toStringTag]: "File", name: "a.png", size: 3, type: "image/png", slice: () => like };
  const error = await caught(world().client.create({ ...PROMPT, keyframes: { frame0: like } }));
  assert.deepEqual([error.code, error.problems[0].path], ["invalid_request", "keyframes.frame0"]);
  assert.match(error.message, /File that cannot be read/);
});

test("a file of a page that a test plays goes out with its content", async (t) => {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Mozilla/5.0 (linux) jsdom/31.0.1" }, configurable: true });
  t.after(() => (navigator ? Object.defineProperty(globalThis, "navigator", navigator) : delete globalThis.navigator));
  // It can be read, and fetch would send it as "[object File]".
  class File {
    name = "bear.png";
    type = "image/png";
    size = PNG.length;
    arrayBuffer = async () => PNG.buffer;
    slice = () => new File();
  }
  for (const provider of ["agents", "useapi", "piapi"]) {
    const { client, simulator } = world({
      provider,
      apiKey: { agents: "luma-api-any", useapi: "user:1-any" }[provider] ?? "any",
      upload: null,
    });
    assert.ok(await client.upload(new File()), provider);
    const uploads = (await simulator.requests()).filter(({ method, body }) => method !== "GET" && body);
    assert.ok(!JSON.stringify(uploads).includes("[object"), provider);
  }
});
