// What a caller's body is read as: the tables of tests/providers say what each request becomes on the wire; read back and sent again it has to
// become the same.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { importSource } from "../source.mjs";

const { requestOf } = await importSource("worker/src/requests/index.ts");
const { checked } = await importSource("worker/src/requests/check.ts");
const { wantedOf } = await importSource("worker/src/creation/wanted.ts");
const { whyPrivate, addressProblems } = await importSource("worker/src/requests/addresses.ts");

const table = async (provider) => JSON.parse(await readFile(new URL(`../providers/${provider}.json`, import.meta.url), "utf8"));

/** What the library sends for a request. */
async function sent(provider, { request, schema }) {
  let seen;
  const fetch = async (url, { body }) => {
    seen = { path: new URL(url).pathname.slice(1), body: JSON.parse(body) };
    return Response.json({ detail: "seen" }, { status: 400 });
  };
  const client = createClient({ provider, apiKey: "any", baseUrl: "http://provider", limits: "none", fetch, ...(schema && { schema }) });
  await client.create(request).catch((error) => assert.equal(error.status, 400, error.message));
  return seen;
}

for (const provider of ["dream-machine", "agents", "useapi", "piapi"]) {
  test(`${provider}: every body of the tables is read and written back`, async () => {
    let read = 0;
    for (const [name, row] of Object.entries(await table(provider))) {
      if (!Array.isArray(row)) continue;
      const [call, body] = row;
      const path = call.replace(/^POST /, "");
      if (path.includes("/upscale") || path.includes("/audio")) continue;
      const again = await sent(provider, requestOf(provider, path, body));
      if (!("generation_type" in body)) delete again.body.generation_type; // what the path says is said once more
      assert.deepEqual(again, { path, body }, name);
      read++;
    }
    assert.ok(read > 5, `${read}`);
  });
}

test("what a provider's body has and no request has is left where it is seen", () => {
  const agents = requestOf("agents", "generations", { type: "video", prompt: "x", video: { duration: "5s", priority: 9 } }).request;
  assert.deepEqual(agents, { generation_type: "video", prompt: "x", duration: "5s", video: { priority: 9 } });
  const piapi = requestOf("piapi", "api/v1/task", { model: "kling", task_type: "x", input: { prompt: "p" } }).request;
  assert.deepEqual(Object.keys(piapi).sort(), ["generation_type", "prompt", "task.model", "task.task_type"]);
});

test("every field of the tables is known here, at whatever depth; a new model or size is not", async () => {
  for (const provider of ["dream-machine", "agents", "useapi", "piapi"]) {
    for (const [name, row] of Object.entries(await table(provider))) {
      if (!Array.isArray(row)) continue;
      const path = row[0].replace(/^POST /, "");
      if (path.includes("/upscale") || path.includes("/audio")) continue;
      const problems = await checked(provider, requestOf(provider, path, row[1]), {}).then(
        () => [],
        ({ more }) => more.problems,
      );
      assert.deepEqual(
        problems.filter(({ message }) => !message.startsWith("must be one of")),
        [],
        name,
      );
    }
  }
});

test("a size is one that is known, with or without its unit", async () => {
  const problems = (more) =>
    checked("agents", { request: { generation_type: "video", prompt: "A tiger walking in snow", ...more } }, {}).then(
      () => [],
      ({ more }) => more.problems.map(({ path }) => path),
    );
  for (const more of [{ resolution: 720 }, { resolution: "720" }, { duration: "5s", resolution: "720p" }])
    assert.deepEqual(await problems(more), [], JSON.stringify(more));
  for (const resolution of [4320, "4320", "8k", "1080px"]) assert.deepEqual(await problems({ resolution }), ["resolution"]);
});

test("no field within a field that is not known, no whole generation, and nothing that would be uploaded first", async () => {
  const url = "https://example.com/a.png";
  const generation = { id: "1", state: "completed", assets: { image: url } };
  for (const [provider, request, path] of [
    ["dream-machine", { keyframes: { frame0: { type: "image", url, priority: 9 } } }, "keyframes.frame0.priority"],
    ["dream-machine", { keyframes: { frame2: { type: "image", url } } }, "keyframes.frame2"],
    ["dream-machine", { concepts: [{ key: "x", more: 1 }] }, "concepts[0].more"],
    ["dream-machine", { keyframes: { frame0: generation } }, "keyframes.frame0.state"],
    ["agents", { generation_type: "image", image_ref: [{ url, more: 1 }] }, "image_ref[0].more"],
    ["agents", { generation_type: "modify_video", media: generation }, "media.state"],
    ["agents", { generation_type: "modify_video", media: "data:video/mp4;base64,AA" }, "media"],
    ["agents", { generation_type: "modify_video", controls: { depth: { more: 1 } } }, "controls.depth.more"],
    ["agents", { keyframes: [{ url: "data:image/png;base64,AA" }] }, "keyframes[0].url"],
    ["useapi", { keyframes: { frame0: { type: "image", url } } }, "keyframes.frame0.url"],
    ["useapi", { keyframes: { frame0: url } }, "keyframes.frame0"],
    ["useapi", { model: "ray-v3", character_ref: { identity0: { images: [url] } } }, "character_ref.identity0.images[0]"],
    ["piapi", { keyframes: { frame0: generation } }, "keyframes.frame0.state"],
  ]) {
    const whole = { generation_type: "video", prompt: "A tiger walking in snow", ...request };
    await assert.rejects(checked(provider, { request: whole }, {}), ({ status, more }) => {
      assert.equal(status, 422);
      assert.ok(
        more.problems.some((problem) => problem.path === path),
        JSON.stringify([path, more.problems]),
      );
      return true;
    });
  }
});

test("a form that is null is not named: fields, models and sizes are checked all the same", async () => {
  const isRefused = (provider, request, limits, path) =>
    assert.rejects(checked(provider, { request }, limits), ({ more }) => more.problems.some((problem) => problem.path === path));
  const prompt = "A tiger walking in snow";
  for (const provider of ["dream-machine", "agents"]) {
    await isRefused(provider, { generation_type: null, model: "ray-99", prompt }, {}, "model");
    await isRefused(provider, { generation_type: null, prompt, priority: 9 }, {}, "priority");
    await isRefused(provider, { generation_type: null, model: "ray-3.2", prompt }, { models: ["ray-2"] }, "model");
    await isRefused(provider, { generation_type: null, prompt }, { models: ["ray-2"] }, "model");
  }
});

test("a request is refused that would make a provider's list too large to be read", async () => {
  const request = (length) => ({
    prompt: "A tiger walking in snow",
    model: "ray-2",
    keyframes: { frame0: { type: "image", url: `https://example.com/${"x".repeat(length)}` } },
  });
  await checked("dream-machine", { request: request(60_000) }, {});
  await assert.rejects(checked("dream-machine", { request: request(64_000) }, {}), ({ status, message }) => {
    assert.equal(status, 422);
    assert.match(message, /too large: 64000/);
    return true;
  });
});

test("whether a request names its form or not, it has the same fingerprint", async () => {
  const fingerprint = async (provider, request) => (await wantedOf(provider, { request }, {}, "https://luma.example.com")).fingerprint;
  for (const [provider, request] of [
    ["dream-machine", { prompt: "A tiger walking in snow", model: "ray-2" }],
    ["useapi", { prompt: "A tiger walking in snow", model: "ray-v3-flash" }],
  ]) {
    const unnamed = await fingerprint(provider, request);
    assert.ok(unnamed);
    for (const kind of ["video", null]) assert.equal(await fingerprint(provider, { ...request, generation_type: kind }), unnamed);
  }
});

test("an address in a private network is found in every notation", () => {
  const refused = [
    ..."127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 0 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254".split(
      " ",
    ),
    ..."100.64.0.1 198.18.0.1 224.0.0.1 255.255.255.255 ①②⑦.0.0.1 127。0。0。1".split(" "),
    ..."[::1] [::] [fe80::1] [fc00::1] [fd12::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::] [2001:db8::1] [2001::1]".split(
      " ",
    ),
    ..."localhost LOCALHOST localhost. a.localhost printer server.local metadata.google.internal box.lan 127.0.0.1.nip.io localtest.me".split(
      " ",
    ),
  ];
  for (const host of refused) {
    assert.match(whyPrivate(`http://${host}/a.jpg`) ?? "", /public/, host);
    assert.match(whyPrivate(`https://${host}:8443/`) ?? "", /public/, host);
  }
  for (const address of [
    "file:///etc/passwd",
    "gopher://a.com",
    "data:image/png;base64,AA",
    "javascript:alert(1)",
    "//a.com",
    "picture.jpg",
    "",
  ])
    assert.ok(whyPrivate(address), address);
  assert.match(whyPrivate("https://user:secret@example.com/"), /password/);
  for (const address of [
    "https://example.com/a.jpg",
    "http://172.15.0.1/",
    "https://172.32.0.1/",
    "https://[2606:4700::1111]/",
    "https://8.8.8.8",
  ])
    assert.equal(whyPrivate(address), undefined, address);
});

test("an address is found wherever it stands in a request", () => {
  const request = {
    keyframes: { frame0: { type: "image", url: "http://10.0.0.1" } },
    image_ref: [{ url: "https://a.com/b" }, { url: "http://0" }],
  };
  assert.deepEqual(
    addressProblems({ ...request, callback_url: "http://localhost" }).map(({ path }) => path),
    ["keyframes.frame0.url", "image_ref[1].url", "callback_url"],
  );
  // Whatever the field is called.
  const others = {
    character_ref: { identity0: { images: ["https://a.com/b.png", "http://10.0.0.1/a.png"] } },
    media: "http://2130706433/",
    source: " HTTP://0x7f.1/a.mp4",
    more: { prompt: "file:///etc/passwd" },
  };
  assert.deepEqual(
    addressProblems(others).map(({ path }) => path),
    ["character_ref.identity0.images[1]", "media", "source", "more.prompt"],
  );
  assert.deepEqual(
    addressProblems({ prompt: "data: numbers in the rain", negative_prompt: "http:blur", file_id: "user:1-email:a@b.c" }),
    [],
  );
});
