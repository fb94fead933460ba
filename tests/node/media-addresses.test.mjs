// useapi takes no addresses: what lies at one is fetched and handed over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { caught, elsewhere, MB, OTHERS, PROMPT, png } from "./media.mjs";

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

test("useapi: an address that fails is reported at each field where it stands, and asked again", async () => {
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
