// How the library reaches a provider: with a key that goes nowhere else.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { importSource } from "../source.mjs";

const { baseUrlOf, sending } = await importSource("worker/src/upstream/exchange.ts");

test("the key goes to the provider's own address, and nothing goes to another", async (t) => {
  const seen = [];
  const server = createServer(({ url, headers }, response) => {
    seen.push([url, headers.authorization]);
    response.end("{}");
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const upstream = { env: { USEAPI_TOKEN: "the-key", UPSTREAMS: { useapi: `${base}/v1/luma` } }, provider: "useapi" };
  const here = sending(upstream);
  const known = baseUrlOf(upstream);
  assert.ok(!known.includes("127.0.0.1"), "the library is not told where it is");
  for (const other of [
    known.replace("/v1/luma", "/picture.png"),
    `${known}.evil`,
    `${known}/../other`,
    `${base}/v1/luma/jobs`,
    `${known.replace("https://", "https://evil.")}/jobs`,
  ])
    await assert.rejects(here.fetch(other, { method: "PUT", body: "picture" }), /not the provider's/);
  assert.equal(here.began, false);
  await here.fetch(`${known}/jobs`);
  assert.deepEqual(seen, [["/v1/luma/jobs", "Bearer the-key"]]);
});

test("the gate of answers keeps secrets in, also in two pieces, and characters whole", async () => {
  const { withoutSecrets } = await importSource("worker/src/proxy/redact.ts");
  const secret = "the-secret-of-20-ch.";
  for (const length of [1, 2, 3, 7, 64]) {
    const text = `x${"🐯".repeat(50)}${secret}${"🐯".repeat(50)}`;
    const bytes = new TextEncoder().encode(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
      bytes.slice(index * length, (index + 1) * length),
    );
    const passed = await new Response(ReadableStream.from(pieces).pipeThrough(withoutSecrets([secret]))).text();
    assert.ok(!passed.includes(secret) && !passed.includes("\ufffd"), passed);
    assert.equal(passed.match(/🐯/gu).length, 100);
  }
});
