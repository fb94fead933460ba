// What a hurried person gives: options by a wrong name or of a wrong kind, and addresses to which nothing can be sent. Each is told at once,
// by its name, and nothing is sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, LumaError } from "luma-edge";
import { caught, json, TIGER } from "./scripted.mjs";

const KEY = "luma-options";
const PASSWORD = "hunter2";
const refuse = (given) => {
  try {
    createClient(given);
  } catch (error) {
    assert.ok(error instanceof LumaError, String(error));
    return error;
  }
  return undefined;
};

const fetch = async () => json({ message: "it answers" });

for (const [baseUrl, words, given = {}] of [
  ["https://example.com/v1?key=1", /a query or a fragment/],
  ["https://example.com/v1#top", /a query or a fragment/],
  [" https://example.com/v1", /blanks or line ends/],
  ["https://example.com/v1\n", /blanks or line ends/],
  ["https://example.com/a b", /blanks or line ends/],
  ["example.com/v1", /must begin with https:/],
  ["localhost:4010/v1", /must begin with https:/],
  ["ftp://example.com/v1", /must begin with https:/],
  ["https:example.com", /must begin with https:/],
  ["https://", /must begin with https:/],
  ["http://127.0.0.1:99999/v1", /must begin with https:/],
  ["", /must begin with https:/],
  [7, /must be a text/],
  [null, /must be a text/],
  [new URL("https://example.com"), /must be a text/],
  [`https://me:${PASSWORD}@example.com/v1`, /must not hold a login/],
  [`https://me:${PASSWORD}@example.com/v1`, /must not hold a login/, { fetch }],
  ["http://127.0.0.1:6000/v1", /names port 6000/],
  ["https://127.0.0.1:10080", /names port 10080/],
  ["/luma", /works in a page alone/],
  ["//example.com/luma", /must begin with https:/],
  ["/luma?key=1", /a query or a fragment/, { fetch }],
]) {
  test(`baseUrl ${JSON.stringify(baseUrl)}${given.fetch ? ", with a fetch" : ""} is told when the client is made`, () => {
    const error = refuse({ apiKey: KEY, baseUrl, ...given });
    assert.deepEqual([error?.code, error?.problems[0].path], ["invalid_request", "baseUrl"]);
    assert.match(error.message, words);
    assert.ok(!JSON.stringify([error, error.message]).includes(PASSWORD));
  });
}

for (const [baseUrl, given] of [
  ["https://example.com"],
  ["HTTPS://EXAMPLE.COM/v1/"],
  ["http://[::1]:4010/v1"],
  ["http://127.0.0.1:4010/dream-machine/v1"],
  ["https://example.com/b%C3%BCro/v1"],
  ["/luma", { fetch }],
  ["./luma/", { fetch }],
  ["http://internal:6000", { fetch }],
]) {
  test(`baseUrl ${baseUrl} is taken`, () => assert.equal(refuse({ apiKey: KEY, baseUrl, ...given }), undefined));
}

for (const [name, value, words] of [
  ["clock", {}, /the functions now, sleep/],
  ["clock", { now: Date.now }, /the functions now, sleep/],
  ["clock", 1, /the functions now, sleep/],
  ["fetch", {}, /a function/],
  ["fetch", "fetch", /a function/],
  ["upload", {}, /a function/],
  ["onEvent", "log", /a function/],
  ["store", {}, /getAll, put, delete/],
  ["store", "memory", /getAll, put, delete/],
  ["apikey", KEY, /is not an option of createClient/],
]) {
  test(`createClient refuses ${name}: ${JSON.stringify(value)}`, () => {
    const error = refuse({ apiKey: KEY, [name]: value });
    assert.deepEqual([error?.code, error?.problems[0].path], ["invalid_request", name]);
    assert.match(error.message, words);
  });
}

test("what is no object is no options; nothing at all is none", async () => {
  for (const given of ["key", 7, () => 1]) assert.equal(refuse(given)?.problems[0].path, "options");
  for (const given of [null, undefined]) assert.equal((await caught(createClient(given).ping())).code, "authentication");
});

/** How each method is called with options, and one name that it does not take. */
const CALLS = {
  generate: [(client, options) => client.generate(TIGER, options), "timeOut"],
  generateAll: [(client, options) => client.generateAll([TIGER], options), "concurrency"],
  create: [(client, options) => client.create(TIGER, options), "timeout"],
  poll: [(client, options) => client.poll("job-1", options), "interval"],
  watch: [(client, options) => client.watch("job-1", options).next(), "onUpdate"],
  resume: [(client, options) => client.resume(options), "price"],
  get: [(client, options) => client.get("job-1", options), "timeout"],
  delete: [(client, options) => client.delete("job-1", options), "force"],
  list: [(client, options) => client.list(options), "page"],
  listAll: [(client, options) => client.listAll(options).next(), "offset"],
  upscale: [(client, options) => client.upscale("job-1", {}, options), "resolution"],
  addAudio: [(client, options) => client.addAudio("job-1", {}, options), "prompt"],
  download: [(client, options) => client.download("job-1", options), "file"],
  upload: [(client, options) => client.upload(new Blob(["x"]), options), "name"],
  parseCallback: [(client, options) => client.parseCallback({ body: "{}" }, options), "key"],
  credits: [(client, options) => client.credits(options), "fresh"],
  ping: [(client, options) => client.ping(options), "timeout"],
  accounts: [(client, options) => client.accounts.list(options), "limit"],
  "files.list": [(client, options) => client.files.list(options), "offset"],
  "files.listAll": [(client, options) => client.files.listAll(options).next(), "offset"],
  files: [(client, options) => client.files.get("file-1", options), "limit"],
};
for (const [name, [call, unknown]] of Object.entries(CALLS)) {
  test(`${name} refuses what it does not take`, async () => {
    const client = createClient({ apiKey: KEY, fetch: () => assert.fail("it was sent") });
    for (const [given, path, words] of [
      [{ [unknown]: 1 }, unknown, `is not an option of ${name}`],
      [{ signal: {} }, "signal", "must be an AbortSignal"],
      [{ signal: new AbortController() }, "signal", "must be an AbortSignal"],
      ["a text", "options", "must be an object"],
      [() => 1, "options", "must be an object"],
    ]) {
      const error = await caught(Promise.resolve(call(client, given)));
      assert.ok(error instanceof LumaError, String(error));
      assert.deepEqual([error.code, error.problems[0]?.path], ["invalid_request", path], error.message);
      assert.ok(error.message.includes(words), error.message);
    }
  });
}

test("functions and values of a call are checked", async () => {
  const client = createClient({ apiKey: KEY, fetch: () => assert.fail("it was sent") });
  for (const [call, path] of [
    [() => client.generate(TIGER, { onUpdate: "log" }), "onUpdate"],
    [() => client.generate(TIGER, { timeout: "1s" }), "timeout"],
    [() => client.generate(TIGER, { timeout: 0 }), "timeout"],
    [() => client.generate(TIGER, { price: "1" }), "price"],
    [() => client.generate(TIGER, { keep: "yes" }), "keep"],
    [() => client.generate(TIGER, { label: 7 }), "label"],
    [() => Promise.resolve(client.generateAll([TIGER], { label: "mine" })), "label"],
    [() => client.download("job-1", { acknowledge: 1 }), "acknowledge"],
    [() => client.download("job-1", { asset: {} }), "asset"],
    [() => client.download("job-1", { onProgress: 1 }), "onProgress"],
    [() => client.parseCallback({ body: "{}" }, { secret: undefined }), "secret"],
    [() => client.parseCallback({ body: "{}" }, { secret: "" }), "secret"],
    [() => client.parseCallback({ body: "{}" }, { trust: "yes" }), "trust"],
  ]) {
    const error = await caught(call());
    assert.deepEqual([error.code, error.problems[0].path], ["invalid_request", path], error.message);
  }
});

test("null and undefined are no options", async () => {
  const client = createClient({ apiKey: KEY, fetch });
  for (const given of [null, undefined, {}, { signal: undefined }, { signal: null }]) assert.equal(await client.ping(given), "it answers");
});

test("a key with a line end is told, and never sent or shown", async () => {
  for (const apiKey of [`${KEY}\n`, ` ${KEY}`, `${KEY}\r\nx-evil: 1`]) {
    const error = await caught(createClient({ apiKey, fetch: () => assert.fail("it was sent") }).ping());
    assert.deepEqual([error.code, error.problems[0].path], ["invalid_request", "apiKey"]);
    assert.ok(!error.message.includes(KEY));
  }
});
