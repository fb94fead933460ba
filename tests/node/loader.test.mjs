// How the wasm comes to life, and what a caller sees when it dies: nothing hangs, and the next call works.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import binaryen from "binaryen";
import { inlineModule } from "../../npm/inline.js";
import { createRuntime } from "../../npm/instance.js";
import { encode } from "../../scripts/wasm-text.mjs";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const never = () => new Promise(() => {});
const wasm = await readFile(new URL("../../dist/module.wasm", import.meta.url));

let copies = 0;
/** A copy of an entry that no other test has used: it has loaded no wasm yet. */
const load = (entry = "index") => import(`../../dist/${entry}.js?copy=${copies++}`);

/** Keeps each first half that is made from now on, and which of its functions are called: no caller can see that. */
function watchInstances(t) {
  const instances = [];
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, "instantiate", async (...args) => {
    const made = await instantiate(...args);
    const { exports } = made;
    if (!memoryOf(made)) return made; // a second half has that of the first
    const calls = [];
    const watched = ([name, value]) => [name, typeof value === "function" ? (...args) => (calls.push(name), value(...args)) : value];
    const instance = { exports: Object.fromEntries(Object.entries(exports).map(watched)), calls };
    instances.push(instance);
    return instance;
  });
  return instances;
}

/** Overwrites the memory of an instance: whatever it does next, it traps. */
function spoil(instance, byte = 0) {
  new Uint8Array(memoryOf(instance).buffer).fill(byte);
}

/** By what it is: the build has shortened its name. */
const memoryOf = ({ exports }) => Object.values(exports).find((value) => value instanceof WebAssembly.Memory);

const isInternal = ({ name, code, cause }) => name === "LumaError" && code === "internal" && cause instanceof WebAssembly.RuntimeError;

test("nothing is compiled before the first call, and one instance serves all clients", async (t) => {
  const compile = t.mock.method(WebAssembly, "compile");
  const instances = watchInstances(t);
  const { createClient } = await load();
  const clients = [createClient({ apiKey: "luma-1" }), createClient({ apiKey: "luma-2" })];
  assert.equal(compile.mock.callCount(), 0);

  await Promise.all(clients.flatMap((client) => [client.validate(TIGER), client.validate(TIGER)]));
  assert.equal(compile.mock.callCount(), 1);
  assert.equal(instances.length, 1);
});

test("a module that could not be compiled is compiled again by the next call", async (t) => {
  t.mock.method(WebAssembly, "compile").mock.mockImplementationOnce(async () => {
    throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  });
  const client = (await load()).createClient({ apiKey: "luma-key" });
  await assert.rejects(client.validate(TIGER), { code: "internal", message: /wasm-unsafe-eval.*luma-edge\/slim.*serverExternalPackages/ });
  assert.deepEqual(await client.validate(TIGER), []);
});

test("an instance that could not be made is made again by the next call", async (t) => {
  t.mock.method(WebAssembly, "instantiate").mock.mockImplementationOnce(async () => {
    throw new RangeError("Out of memory");
  });
  const client = (await load()).createClient({ apiKey: "luma-key" });
  await assert.rejects(client.validate(TIGER), { code: "internal", message: /could not start its WebAssembly: Out of memory/ });
  assert.deepEqual(await client.validate(TIGER), []);
});

// What the memory is overwritten with decides where it traps: at once, or in a function that JavaScript was called for.
for (const byte of [0xff, 0x00]) {
  test(`a trap rejects every pending promise, and the next call works (memory full of ${byte})`, async (t) => {
    const instances = watchInstances(t);
    const { createClient } = await load();
    const [client, other] = [createClient({ apiKey: "luma-1", fetch: never, timeout: 1000 }), createClient({ apiKey: "luma-2", fetch: never, timeout: 1000 })];
    const pending = [client.generate(TIGER), client.ping(), other.generate(TIGER)];
    await client.validate(TIGER);

    spoil(instances[0], byte);
    pending.push(client.validate(TIGER));
    await Promise.all(pending.map((promise) => assert.rejects(promise, isInternal)));

    assert.deepEqual(await client.validate(TIGER), []);
    assert.deepEqual(await other.validate(TIGER), []);
    assert.equal(instances.length, 2);
  });
}

test("a trap in an answer that comes late rejects too; what else comes late to the dead instance does nothing", async (t) => {
  const instances = watchInstances(t);
  const answers = [];
  const requests = [];
  const fetch = (url) => {
    requests.push(url);
    return new Promise((resolve) => answers.push(() => resolve(Response.json({ message: "ok" }))));
  };
  const client = (await load()).createClient({ apiKey: "luma-key", fetch, timeout: 50 });
  const pending = [client.ping(), client.credits()];
  await client.validate(TIGER);
  assert.equal(requests.length, 2);

  spoil(instances[0]);
  answers[0]();
  await Promise.all(pending.map((promise) => assert.rejects(promise, isInternal)));

  const { calls } = instances[0];
  const before = calls.length;
  answers[1]();
  await new Promise((resolve) => setTimeout(resolve, 100)); // the timeout of both requests
  assert.deepEqual(calls.slice(before), []);
  assert.equal(requests.length, 2);
});

test("a trap in a function that the wasm was called back for ends what had called it", async () => {
  const module = new WebAssembly.Module(
    binaryen
      .parseText(
        `(module
          (import "js" "callBack" (func $callBack))
          (import "js" "goOn" (func $goOn))
          (func (export "outer") (call $callBack) (call $goOn))
          (func (export "inner") unreachable)
          (func (export "__wbindgen_start")))`,
      )
      .emitBinary(),
  );
  let exports;
  let wentOn = false;
  const js = { callBack: () => exports.inner(), goOn: () => (wentOn = true) };
  const { run } = createRuntime(() => module, () => ({ glue: { __wbg_set_wasm: (guarded) => (exports = guarded) }, imports: { js }, begin: "__wbindgen_start" }));
  await assert.rejects(run(() => exports.outer()), isInternal);
  assert.equal(wentOn, false);
});

/** A copy of the package, to be spoiled. */
async function copyOfDist(t) {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-dist-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(fileURLToPath(new URL("../../dist", import.meta.url)), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return { file: (name) => join(folder, name), load: () => import(pathToFileURL(join(folder, "index.js"))) };
}

const TEN_SECONDS = { clock: "auto", durations: { "ray-2": 10 } };

test("what checks, reckons and asks takes no second half; a job that cannot have it is not made, and can be later", async (t) => {
  const { file, load } = await copyOfDist(t);
  await rename(file("second.js"), file("elsewhere.js"));
  const { createClient } = await load();
  const { createSimulator } = await import("../../dist/simulator/index.js");
  const simulator = createSimulator(TEN_SECONDS);
  const sent = [];
  const client = createClient({ apiKey: "luma-key", fetch: (url, init) => (sent.push(init.method), simulator.fetch(url, init)), clock: simulator.clock });

  assert.deepEqual(await client.validate(TIGER), []);
  assert.equal((await client.estimate(TIGER)).certainty, "unknown");
  await Promise.all([client.ping(), client.list(), client.credits(), client.concepts(), client.cameraMotions()]);
  await assert.rejects(client.get("none"), { code: "not_found" });
  await assert.rejects(client.delete("none"), { code: "not_found" });

  const asked = sent.length;
  for (const call of [() => client.generate(TIGER), () => client.create(TIGER), () => client.poll("none"), () => client.resume()]) {
    await assert.rejects(call(), { code: "network", retryable: true, message: /could not be loaded, and nothing was sent: .*second\.js/ });
  }
  assert.equal(sent.length, asked);

  await rename(file("elsewhere.js"), file("second.js"));
  assert.equal((await client.generate(TIGER)).state, "completed");
});

test("halves of different builds are not put together", async (t) => {
  const { file, load } = await copyOfDist(t);
  const entry = await readFile(file("index.js"), "utf8");
  const [, called] = /called:"(\w{8})"/.exec(entry);
  await writeFile(file("index.js"), entry.replaceAll(called, "00000000"));
  const client = (await load()).createClient({ apiKey: "luma-key", fetch: () => assert.fail() });
  await assert.rejects(client.generate(TIGER), { code: "network", message: /of another build.*load the page again/ });
});

test("a trap in the second half rejects every pending promise, and the next call works", async (t) => {
  const instances = watchInstances(t);
  let answer;
  const fetch = () => new Promise((resolve) => (answer = () => resolve(Response.json({ id: "some-id", state: "queued" }))));
  const client = (await load()).createClient({ apiKey: "luma-key", fetch, timeout: 1000 });
  const pending = [client.generate(TIGER), client.poll("some-id")];
  while (!answer) await new Promise((resolve) => setTimeout(resolve));
  spoil(instances[0], 0xff);
  answer();
  for (const promise of pending) await assert.rejects(promise, isInternal);
  assert.deepEqual(await client.validate(TIGER), []);
});

test("slim says that it has no wasm, and why the wasm that it was given does not do", async () => {
  const { createClient, init } = await load("slim");
  const client = createClient({ apiKey: "luma-key" });
  await assert.rejects(client.validate(TIGER), { code: "invalid_request", message: /no module\.wasm yet: call init/ });
  const other = createClient({ provider: "agents", apiKey: "luma-api-key" });
  await assert.rejects(other.validate(TIGER), { code: "invalid_request", message: /no providers\.wasm yet: call init/ });

  const missing = new Response("Not found", { status: 404 });
  await assert.rejects(init(Promise.resolve(missing)), { code: "network", status: 404 });
  await assert.rejects(client.validate(TIGER), { code: "network", status: 404 });

  init(Promise.reject(new TypeError("Failed to fetch"))); // nobody waits: the first call tells
  await assert.rejects(client.validate(TIGER), { code: "internal", message: /Failed to fetch/ });

  await init(wasm);
  assert.deepEqual(await client.validate(TIGER), []);
  await init(wasm, readFile(new URL("../../dist/providers.wasm", import.meta.url)));
  assert.deepEqual(await other.validate({ prompt: TIGER.prompt }), []);
});

const sources = {
  "bytes": () => wasm,
  "a compiled module": () => new WebAssembly.Module(wasm),
  "a response": () => new Response(wasm),
  "a promise of a response": async () => new Response(wasm),
  "a promise of bytes": async () => wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length),
};
for (const [name, source] of Object.entries(sources)) {
  test(`slim takes its wasm as ${name}`, async () => {
    const { createClient, init } = await load("slim");
    init(source());
    assert.deepEqual(await createClient({ apiKey: "luma-key" }).validate(TIGER), []);
  });
}

/** A wasm without functions that holds these bytes in a section of its own, before the code. */
function holding(bytes) {
  const length = bytes.length + 1; // the section's name is empty
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  return Uint8Array.from([...header, 0, (length & 127) | 128, length >> 7, 0, ...bytes, 10, 1, 0]);
}

const contents = {
  "the client's wasm": wasm,
  "nothing": holding([]),
  "each byte once": holding(Array.from({ length: 256 }, (_, byte) => byte)),
  "one byte many times": holding(new Uint8Array(1000).fill(0x7d)),
  "bytes without a pattern": holding(Uint8Array.from({ length: 10_000 }, (_, index) => (index * index * 31 + index) >> 3)),
};
for (const [name, bytes] of Object.entries(contents)) {
  test(`a wasm becomes text and the same wasm again: ${name}`, async (t) => {
    const compile = t.mock.method(WebAssembly, "compile", async () => undefined);
    const written = encode(bytes);
    for (const { text } of written.pieces) assert.match(JSON.stringify(text), /^[ -~]*$/);
    await inlineModule(() => written)();
    assert.deepEqual(Buffer.from(compile.mock.calls[0].arguments[0]), Buffer.from(bytes));
  });
}
