// How the wasm comes to life, and what a caller sees when it dies: nothing hangs, and the next call works.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import binaryen from "binaryen";
import { importSource } from "../source.mjs";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const never = () => new Promise(() => {});
const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const wasm = await readFile(join(dist, "module.wasm"));
const { createRuntime } = await importSource("npm/wasm/instance.ts");

void Response; // when first mentioned, Node compiles a wasm of its own

let copies = 0;
/** A copy of an entry that no other test has used: it has loaded no wasm yet. */
const load = (entry = "index") => import(`../../dist/entries/${entry}.js?copy=${copies++}`);

/** Keeps each instance that is made from now on, and which of its functions are called: no caller can see that. */
function watchInstances(t) {
  const instances = [];
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, "instantiate", async (...args) => {
    const made = await instantiate(...args);
    const { exports } = made;
    if (!exports.__wbindgen_start) return made; // Node has a wasm of its own, for fetch
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
  new Uint8Array(instance.exports.memory.buffer).fill(byte);
}

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
    const [client, other] = [
      createClient({ apiKey: "luma-1", fetch: never, timeout: 1000 }),
      createClient({ apiKey: "luma-2", fetch: never, timeout: 1000 }),
    ];
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
  const glue = { __wbg_set_wasm: (guarded) => (exports = guarded), callBack: () => exports.inner(), goOn: () => (wentOn = true) };
  const { run } = createRuntime(() => ({ module, createGlue: () => glue }));
  await assert.rejects(
    run(() => exports.outer()),
    isInternal,
  );
  assert.equal(wentOn, false);
});

/** A copy of the package, to be spoiled. */
async function copyOfDist(t) {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-dist-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(dist, folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return { file: (name) => join(folder, name), load: () => import(pathToFileURL(join(folder, "entries/index.js"))) };
}

const notLoaded = (name) => ({
  name: "LumaError",
  code: "network",
  retryable: true,
  message: new RegExp(`could not be loaded, and nothing was sent \\(.*${name}.*luma-edge/eager`),
});

for (const [part, call] of [
  ["wasm/client.js", (client) => client.validate(TIGER)],
  ["wasm/client-text.js", (client) => client.ping()],
  ["media/media.js", (client) => client.validate({ ...TIGER, keyframes: { frame0: new Blob(["not a picture"]) } })],
  ["generated/capabilities.js", (client) => client.capabilities()],
]) {
  test(`a call that cannot have ${part} says so and sends nothing; a later one works`, async (t) => {
    const { file, load } = await copyOfDist(t);
    await rename(file(part), file("elsewhere.js"));
    const { createClient } = await load();
    const client = createClient({ apiKey: "luma-key", fetch: () => assert.fail("something was sent") });
    await assert.rejects(call(client), notLoaded(part.replace(/.*\//, "")));
    await rename(file("elsewhere.js"), file(part));
    const working = createClient({ apiKey: "luma-key", fetch: async () => Response.json({ message: "ok" }) });
    await call(working);
  });
}

test("preload loads and starts the wasm, for calls to find it there", async (t) => {
  const compile = t.mock.method(WebAssembly, "compile");
  const instances = watchInstances(t);
  const { createClient, preload } = await load();
  assert.equal(await preload(), undefined);
  assert.deepEqual([compile.mock.callCount(), instances.length], [1, 1]);
  await Promise.all([preload(), createClient({ apiKey: "luma-key" }).validate(TIGER)]);
  assert.deepEqual([compile.mock.callCount(), instances.length], [1, 1]);
});

test("a preload that fails says why, and the next call tries again", async (t) => {
  t.mock.method(WebAssembly, "compile").mock.mockImplementationOnce(async () => {
    throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  });
  const { createClient, preload } = await load();
  await assert.rejects(preload(), { code: "internal", message: /wasm-unsafe-eval/ });
  assert.deepEqual(await createClient({ apiKey: "luma-key" }).validate(TIGER), []);
});

test("eager has all that it needs from the start, compiled by the first call", async (t) => {
  for (const file of ["entries/eager.js", "wasm/client.js", "media/media.js", "generated/capabilities.js"]) {
    assert.doesNotMatch(await readFile(join(dist, file), "utf8"), /\bimport\(/, file);
  }
  const compile = t.mock.method(WebAssembly, "compile");
  const { createClient, preload, LumaError } = await load("eager");
  const client = createClient({ apiKey: "luma-key" });
  assert.equal(compile.mock.callCount(), 0);
  assert.deepEqual(await client.validate(TIGER), []);
  assert.equal(compile.mock.callCount(), 1);
  await preload();
  assert.equal(compile.mock.callCount(), 1);
  const [problem] = await client.validate({ ...TIGER, keyframes: { frame0: new Blob(["not a picture"]) } });
  assert.equal(problem.path, "keyframes.frame0");
  assert.equal((await client.capabilities()).provider, "dream-machine");
  await assert.rejects(client.generate({}), LumaError);
});

test("an error that nobody catches is printed with its message and our functions, and none of the wasm", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-program-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "program.mjs");
  const entry = pathToFileURL(join(dist, "entries/index.js"));
  for (const source of ["generate({})", `generate({ prompt: "A tiger" }, { signal: AbortSignal.timeout(1) })`]) {
    await writeFile(
      file,
      `import { createClient } from "${entry}";\ncreateClient({ apiKey: "luma-key", fetch: () => new Promise(() => {}) }).${source};\n`,
    );
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.on("data", (chunk) => (printed += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(printed, /LumaError|AbortError/);
    assert.match(printed, /at .*toLumaError/);
    const longest = Math.max(...printed.split("\n").map((line) => line.length));
    assert.ok(printed.length < 4000 && longest < 400, `${printed.length} characters, the longest line ${longest}`);
  }
});

test("each file of the package has a source map that holds its sources", async () => {
  for (const file of ["entries/index.js", "entries/eager.js", "entries/slim.js", "wasm/client.js", "media/media.js"]) {
    const source = await readFile(join(dist, file), "utf8");
    const [, name] = /\/\/# sourceMappingURL=(\S+)\n$/.exec(source);
    const map = JSON.parse(await readFile(join(dist, file, "..", name), "utf8"));
    assert.equal(map.sources.length, map.sourcesContent.filter(Boolean).length, file);
    if (file === "wasm/client.js")
      assert.ok(
        map.sources.some((path) => path.endsWith("client_bg.js")),
        `${map.sources}`,
      );
  }
});

test("slim says that it has no wasm, and why the wasm that it was given does not do", async () => {
  const { createClient, init } = await load("slim");
  const client = createClient({ apiKey: "luma-key" });
  await assert.rejects(client.validate(TIGER), {
    code: "invalid_request",
    message: /has no WebAssembly yet: call init.*luma-edge\/module\.wasm/,
  });

  const missing = new Response("Not found", { status: 404 });
  await assert.rejects(init(Promise.resolve(missing)), { code: "network", status: 404 });
  await assert.rejects(client.validate(TIGER), { code: "network", status: 404 });

  const page = new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  for (const wrong of ["bad", undefined, null, 7, {}, new Uint8Array([1, 2, 3]), new ArrayBuffer(0), page]) {
    await assert.rejects(init(wrong), {
      code: "invalid_request",
      message: /is no WebAssembly\. Give init what "luma-edge\/module\.wasm" holds/,
    });
    await assert.rejects(client.validate(TIGER), { code: "invalid_request", message: /is no WebAssembly/ });
  }

  init(Promise.reject(new TypeError("Failed to fetch"))); // nobody waits: the first call tells
  await assert.rejects(client.validate(TIGER), { code: "internal", message: /Failed to fetch/ });

  await init(wasm);
  assert.deepEqual(await client.validate(TIGER), []);
  const other = createClient({ provider: "agents", apiKey: "luma-api-key" });
  assert.deepEqual(await other.validate({ prompt: TIGER.prompt }), []);
});

const sources = {
  bytes: () => wasm,
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
