// What a caller's body is read as: the tables of tests/providers say what each request becomes on the wire; read back and sent again it has to
// become the same.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { importSource } from "../source.mjs";

const { requestOf } = await importSource("worker/src/requests/index.ts");
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
});
