// The providers that take files themselves: the steps of a handover, its failures, and the key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { caught, elsewhere, MB, mp4, OTHERS, PNG, PROMPT, png, sized, world } from "./media.mjs";

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

  test(`${provider}: a broken upload is tried again, and a refused one reported`, async () => {
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

  test(`${provider}: the key goes to the provider alone, and no event holds it or a storage's query`, async () => {
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
