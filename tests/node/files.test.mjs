// Files at the Agents API: handed over in one request or in steps, listed, removed; and what is seen of them before that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, LumaError } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { importSource } from "../source.mjs";

const { measure } = await importSource("npm/media/measure.ts");

const MB = 1 << 20;
const VIDEO = { prompt: "A tiger walking in snow", model: "ray-3.2" };
const PICTURE = { prompt: "A tiger walking in snow", model: "uni-1" };

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

/** A client of a simulator; `meddle` may answer in its place, or change what is sent. */
function world({ meddle, simulate, ...options } = {}) {
  const simulator = createSimulator({ clock: "auto", ...simulate });
  const calls = [];
  const fetch = async (input, init = {}) => {
    const call = { method: init.method, url: new URL(input), headers: init.headers, body: init.body };
    calls.push(call);
    return (await meddle?.(call)) || simulator.fetch(call.url.href, init);
  };
  const client = createClient({ provider: "agents", apiKey: "luma-api-key", fetch, clock: simulator.clock, ...options });
  const steps = () =>
    calls.map(({ method, url }) => (method === "PUT" ? method : `${method} ${url.pathname.replace(/files\/[^/]+/, "files/ID")}`));
  return { client, simulator, calls, steps };
}

let made = 0;
/** A picture that is like no other. */
const picture = (size = 100) => new Blob([png(64, 64), `${++made}`.padStart(size - 24)], { type: "image/png" });

const text = (letters) => [...letters].map((letter) => letter.charCodeAt(0));
const big = (value, bytes) => Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** (bytes - 1 - index)) % 256);
const little = (value, bytes) => big(value, bytes).reverse();

const png = (width, height) =>
  Uint8Array.from([...text("\x89PNG\r\n\x1a\n"), ...big(13, 4), ...text("IHDR"), ...big(width, 4), ...big(height, 4)]);
const jpeg = (width, height) =>
  Uint8Array.from([
    0xff,
    0xd8,
    0xff,
    0xe1,
    ...big(20_002, 2),
    ...Array(20_000).fill(0xff),
    0xff,
    0xff,
    0xc4,
    ...big(3, 2),
    0,
    0xff,
    0xc2,
    ...big(17, 2),
    8,
    ...big(height, 2),
    ...big(width, 2),
  ]);
const webp = (kind, ...content) =>
  Uint8Array.from([
    ...text("RIFF"),
    ...little(99, 4),
    ...text("WEBP"),
    ...text(kind),
    ...little(90, 4),
    ...content.flat(),
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
const lossy = (width, height) => webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a], little(width, 2), little(height, 2));
const lossless = (width, height) => webp("VP8L", [0x2f], little(width - 1 + (height - 1) * 0x4000, 4));
const extended = (width, height) => webp("VP8X", [0, 0, 0, 0], little(width - 1, 3), little(height - 1, 3));

const box = (name, ...content) => [...big(8 + content.flat().length, 4), ...text(name), ...content.flat()];
const header = (seconds) => box("mvhd", big(0, 12), big(600, 4), big(seconds * 600, 4), big(0, 80));
const longHeader = (seconds) => box("mvhd", [1, 0, 0, 0], big(0, 16), big(90_000, 4), big(seconds * 90_000, 8), big(0, 80));
const movie = (...boxes) => Uint8Array.from([...box("ftyp", text("mp42"), big(0, 4)), ...boxes.flat()]);
const inFront = (seconds) => movie(box("moov", header(seconds)), box("mdat", big(0, 500)));
const behind = (seconds) =>
  movie([...big(1, 4), ...text("mdat"), ...big(516, 8), ...big(0, 500)], box("moov", box("udta", big(0, 9)), longHeader(seconds)));
const mp4 = (bytes) => new Blob([bytes], { type: "video/mp4" });

const NOTED = { filename: 'Tiger "2" ä.png', purpose: "reference", userId: "me", expiresAt: new Date("2999-01-01T00:00:00Z") };

for (const [size, steps] of [
  [8 * MB, ["POST /v1/files"]],
  [8 * MB + 1, ["POST /v1/files", "PUT", "POST /v1/files/ID/complete"]],
]) {
  test(`a file of ${size} bytes goes by ${steps.at(-1)}, with what is noted of it`, async () => {
    const { client, calls, steps: taken } = world();
    const file = picture(size);
    const progress = [];
    const reference = await client.upload(file, { ...NOTED, onProgress: (step) => progress.push(step) });
    assert.deepEqual(Object.keys(reference), ["file_id"]);
    assert.deepEqual(taken(), steps);
    assert.deepEqual(progress.at(-1), { loaded: size, total: size });
    const { body, headers } = calls[steps.length > 1 ? 1 : 0];
    const sent = steps.length > 1 ? body : (await new Response(body, { headers }).formData()).get("file");
    assert.equal(Buffer.compare(Buffer.from(await sent.arrayBuffer()), Buffer.from(await file.arrayBuffer())), 0);
    assert.equal(sent.type, "image/png");
    const { created_at, raw, ...told } = await client.files.get(reference);
    // A form writes quotes in a name as browsers do.
    const filename = steps.length > 1 ? NOTED.filename : "Tiger %222%22 ä.png";
    const expected = {
      id: reference.file_id,
      state: "ready",
      filename,
      mime_type: "image/png",
      size_bytes: size,
      purpose: "reference",
      user_id: "me",
      expires_at: "2999-01-01T00:00:00.000Z",
    };
    assert.deepEqual(told, expected);
    assert.ok(created_at && raw.deleted_at === null);
    await client.create({ ...VIDEO, keyframes: { frame0: reference } });
  });
}

test("a file in a request is in the list by its name", async () => {
  const { client } = world();
  await client.create({ ...VIDEO, keyframes: { frame0: new File([picture()], "Tiger 1.PNG", { type: "image/png" }) } });
  const { files } = await client.files.list();
  assert.deepEqual(
    files.map(({ filename, purpose }) => [filename, purpose]),
    [["Tiger-1.png", "input"]],
  );
});

test("what is noted of a file is checked, and is for agents alone", async () => {
  const { client, calls } = world();
  for (const [option, value, code] of [
    ["purpose", 1, "invalid_type"],
    ["purpose", "", "invalid_value"],
    ["filename", "", "invalid_value"],
    ["userId", {}, "invalid_type"],
    ["expiresAt", "tomorrow", "invalid_value"],
    ["expiresAt", new Date(NaN), "invalid_value"],
  ]) {
    const error = await caught(client.upload(picture(), { [option]: value }));
    assert.ok(error instanceof LumaError);
    assert.deepEqual(
      error.problems.map(({ path, code }) => [path, code]),
      [[option, code]],
    );
  }
  const own = world({ upload: async () => "https://files.example/1" }).client;
  const elsewhere = world({ provider: "piapi", apiKey: "any" }).client;
  for (const { upload } of [own, elsewhere]) {
    const { problems } = await caught(upload(picture(), NOTED));
    assert.deepEqual(
      problems.map(({ path, code }) => [path, code]),
      ["filename", "purpose", "expiresAt", "userId"].map((path) => [path, "unsupported"]),
    );
  }
  // Words that are newer than the package are the server's to judge.
  const { status } = await caught(client.upload(picture(), { purpose: "newer" }));
  assert.deepEqual([status, calls.length], [422, 1]);
});

test("files are listed page by page, read and removed by whatever names them", async () => {
  const { client, calls } = world();
  const given = [];
  for (let index = 0; index < 5; index++) given.unshift(await client.upload(picture(), { purpose: index % 2 ? "reference" : "input" }));
  const ids = given.map(({ file_id }) => file_id);
  const page = await client.files.list({ limit: 2 });
  assert.deepEqual([page.files.map(({ id }) => id), page.has_more, page.next_cursor], [ids.slice(0, 2), true, ids[1]]);
  const all = async (options) => {
    const found = [];
    for await (const { id } of client.files.listAll(options)) found.push(id);
    return found;
  };
  calls.length = 0;
  assert.deepEqual(await all({ limit: 2 }), ids);
  assert.deepEqual(
    calls.map(({ url }) => url.search),
    ["?limit=2", `?cursor=${ids[1]}&limit=2`, `?cursor=${ids[3]}&limit=2`],
  );
  assert.deepEqual(await all({ cursor: ids[3] }), ids.slice(4));
  assert.deepEqual(await all({ purpose: "reference" }), [ids[1], ids[3]]);

  const file = await client.files.get(ids[0]);
  assert.deepEqual(await client.files.get(file), file);
  assert.deepEqual(await client.files.get({ file_id: ids[0] }), file);
  for (const one of [file, given[1], ids[2]]) assert.equal(await client.files.delete(one), undefined);
  assert.deepEqual(await all(), ids.slice(3));
  assert.deepEqual(await all({ state: "deleted" }), ids.slice(0, 3));
  assert.equal((await client.files.get(file)).state, "deleted");
});

test("calls about files are checked, and are for agents alone", async () => {
  const { client, calls } = world();
  for (const [call, path] of [
    [() => client.files.list({ limit: 0 }), "limit"],
    [() => client.files.list({ limit: 101 }), "limit"],
    [() => client.files.list({ limit: 1.5 }), "limit"],
    [() => client.files.list({ cursor: 1 }), "cursor"],
    [() => client.files.get(), "id"],
    [() => client.files.get({}), "id"],
    [() => client.files.delete(), "id"],
  ]) {
    const { code, problems } = await caught(call());
    assert.deepEqual([code, problems[0].path], ["invalid_request", path], call.toString());
  }
  assert.deepEqual(calls, []);
  assert.equal((await caught(client.files.get("nobody"))).code, "not_found");
  assert.equal((await caught(client.files.list({ signal: AbortSignal.abort() }))).code, "aborted");
  for (const provider of ["dream-machine", "useapi", "piapi"]) {
    const { client, calls } = world({ provider, apiKey: "any" });
    for (const call of [client.files.list(), client.files.get("f"), client.files.delete("f")]) {
      const error = await caught(call);
      assert.deepEqual([error.code, error.provider], ["unsupported", provider]);
    }
    assert.deepEqual(calls, []);
  }
});

test("a list that does not go on ends", async () => {
  for (const next_cursor of ["same", null, undefined]) {
    const page = { data: [{ id: "f", state: "ready" }], has_more: true, next_cursor };
    const { client, calls } = world({ meddle: () => Response.json(page) });
    for await (const { id } of client.files.listAll()) assert.equal(id, "f");
    assert.equal(calls.length, next_cursor ? 2 : 1);
  }
});

test("a file is handed over anew when it was removed, has ended, or is to be noted differently", async () => {
  const { client, simulator } = world();
  const file = picture();
  const upload = async (options) => (await client.upload(file, options)).file_id;
  const first = await upload();
  assert.equal(await upload(), first);
  await client.files.delete(first);
  const second = await upload();
  assert.notEqual(second, first);
  const noted = await upload({ purpose: "reference" });
  assert.notEqual(noted, second);
  assert.deepEqual([await upload({ purpose: "reference" }), await upload()], [noted, second]);
  const expiresAt = new Date(simulator.now() + 60_000);
  const short = await upload({ expiresAt });
  assert.equal(await upload({ expiresAt }), short);
  await simulator.advance(61_000);
  assert.notEqual(await upload({ expiresAt }), short);
  assert.equal(await upload(), second);
});

test("a file that is pending is waited for, and one that cannot be used is told with the reason", async () => {
  const { client, steps } = world({ simulate: { fileLag: 10_000 } });
  await client.create({ ...VIDEO, keyframes: { frame0: picture() } });
  assert.ok(steps().filter((step) => step === "GET /v1/files/ID").length > 2, `${steps()}`);
  const error = await caught(client.upload(picture(), { filename: "tiger [fail:file].png" }));
  assert.deepEqual([error.code, error.retryable], ["invalid_request", false]);
  assert.match(error.message, /tiger \[fail:file\]\.png: The file could not be read/);
});

test("what is not taken in one request goes step by step", async () => {
  for (const status of [413, 415]) {
    const { client, steps } = world({
      meddle: ({ headers }) => headers["content-type"]?.startsWith("multipart/") && new Response("<html>", { status }),
    });
    assert.ok((await client.upload(picture(), NOTED)).file_id);
    assert.deepEqual(steps(), ["POST /v1/files", "POST /v1/files", "PUT", "POST /v1/files/ID/complete"]);
  }
});

test("an address for bytes that has expired is asked for anew, once, and its storage is not quoted", async () => {
  let late = 1;
  const expire = ({ method, url }) => {
    if (method === "PUT" && late-- > 0) url.searchParams.set("expires", "1");
  };
  const { client, steps } = world({ meddle: expire });
  assert.ok((await client.upload(picture(9 * MB))).file_id);
  assert.deepEqual(steps(), ["POST /v1/files", "PUT", "POST /v1/files", "PUT", "POST /v1/files/ID/complete"]);
  late = Infinity;
  const error = await caught(client.upload(picture(9 * MB)));
  assert.deepEqual([error.code, error.status], ["gone", 403]);
  assert.doesNotMatch(error.message, /key|<|expires=|not JSON/);
});

test("a picture of more than 8000 pixels a side is not handed to agents", async () => {
  const { client, calls } = world();
  for (const [type, draw] of Object.entries({
    "image/png": png,
    "image/jpeg": jpeg,
    "image/webp": lossy,
    "image/webp; lossless": lossless,
    "image/webp; extended": extended,
  })) {
    for (const [width, height] of [
      [8000, 8000],
      [8001, 10],
      [10, 8001],
    ]) {
      const file = new Blob([draw(width, height)], { type });
      const found = await client.validate({ ...PICTURE, image_ref: [file] });
      const wanted = Math.max(width, height) > 8000 ? [["image_ref[0]", "too_large"]] : [];
      assert.deepEqual(
        found.map(({ path, code }) => [path, code]),
        wanted,
        `${type} ${width} x ${height}`,
      );
      for (const { message } of found) assert.ok(message.includes(`${width} x ${height}`) && message.includes("8000"), message);
      if (wanted.length)
        assert.deepEqual(
          (await caught(client.upload(file))).problems.map(({ path, code }) => [path, code]),
          [["file", "too_large"]],
        );
    }
  }
  assert.deepEqual(calls, []);
  const large = new Blob([png(9000, 1)], { type: "image/png" });
  assert.deepEqual(
    await world({ provider: "useapi", apiKey: "user:1-key" }).client.validate({ prompt: "A tiger", image_ref: [large] }),
    [],
  );
  const eager = world({ validate: false });
  assert.ok((await eager.client.upload(large)).file_id);
});

test("a video that is too long to be worked on is not handed to agents", async () => {
  const { client } = world();
  const modify = (media) => ({ ...VIDEO, mode: "flex_1", media });
  const reframe = (media) => ({ ...VIDEO, generation_type: "reframe_video", aspect_ratio: "1:1", media });
  for (const made of [inFront, behind]) {
    for (const [request, seconds, says] of [
      [modify, 18, undefined],
      [modify, 18.5, "lasts 18.5 s, and agents takes 18 s to modify a video"],
      [reframe, 18.5, undefined],
      [reframe, 30.5, "lasts 30.5 s, and agents takes 30 s to reframe a video"],
    ]) {
      const found = await client.validate(request(mp4(made(seconds))));
      assert.deepEqual(found, says ? [{ path: "media", code: "too_large", message: says }] : [], `${made.name} ${seconds}`);
    }
  }
  assert.ok((await client.upload(mp4(inFront(60)))).file_id, "what it is for is not known there");
});

test("of a file that does not tell, or is none, nothing is measured", async () => {
  const type = (name) => ({ png: "image/png", jpeg: "image/jpeg", webp: "image/webp", mp4: "video/mp4" })[name];
  const unknown = movie(box("moov", box("mvhd", big(0, 12), big(600, 4), big(0xffffffff, 4), big(0, 80))));
  const fragmented = movie(box("moov", header(0)));
  for (const [name, bytes] of [
    ["png", []],
    ["png", text("\x89PNG\r\n\x1a\n and some more of what is no picture")],
    ["jpeg", [0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 0]],
    ["jpeg", Array(3000).fill(0xff)],
    ["jpeg", [0xff, 0xd8, ...Array(100).fill(0)]],
    ["webp", text("RIFF....WEBPnone, and more than thirty bytes")],
    ["mp4", []],
    ["mp4", Array(10_000).fill(0)],
    ["mp4", [...big(1, 4), ...text("free"), ...big(0, 8), ...big(0, 100)]],
    ["mp4", [...unknown]],
    ["mp4", [...fragmented]],
    ["mp4", [...inFront(5).slice(0, 50)]],
  ]) {
    assert.deepEqual(await measure(new Blob([Uint8Array.from(bytes)]), type(name)), {}, `${name} ${bytes.slice(0, 20)}`);
  }
  assert.deepEqual(await measure(new Blob(["text"]), "text/plain"), {});
});

test("files that encoders have made are measured", async () => {
  const { client } = world();
  const video = await client.generate({ ...VIDEO, resolution: "360p", duration: "5s" });
  const { seconds } = await measure(await (await client.download(video)).blob(), "video/mp4");
  assert.ok(Math.abs(seconds - 5) < 0.1, `${seconds}`);
  for (const [format, type] of [
    ["png", "image/png"],
    ["jpg", "image/jpeg"],
  ]) {
    const image = await client.generate({ ...PICTURE, format, aspect_ratio: "16:9" });
    const { width, height } = await measure(await (await client.download(image)).blob(), type);
    assert.ok(width > height && Math.abs(width / height - 16 / 9) < 0.02, `${format} ${width} x ${height}`);
  }
});

test("content in the request itself is looked at as well", async () => {
  const { client } = world();
  const found = await client.validate({ ...PICTURE, image_ref: [{ data: "data:image/png;base64,AAAA", media_type: "image/png" }] });
  assert.deepEqual(
    found.map(({ path, code }) => [path, code]),
    [["image_ref[0].data", "invalid_value"]],
  );
});
