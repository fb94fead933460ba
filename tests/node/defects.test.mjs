// A defect in the wasm, played with its real glue: a function of it traps at a moment that the test chooses, its memory left as it was, so
// that it would go on if it could. Nothing more is sent, nothing hangs, no lock is held on.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { caught, freshCopy, json, never, soon, TIGER, until } from "./scripted.mjs";

const entry = (name) => new URL(`../../dist/entries/${name}.js`, import.meta.url);

/** A fresh copy. `trap(work)`: whatever the work calls of the first instance's functions traps. */
async function defective(t) {
  const { instantiate } = WebAssembly;
  let armed = false;
  let instances = 0;
  t.mock.method(WebAssembly, "instantiate", async (...given) => {
    const made = await instantiate(...given);
    if (!made.exports.__wbindgen_start || instances++) return made;
    const trapping = ([name, value]) => {
      if (typeof value !== "function") return [name, value];
      const enter = (...given) => {
        if (armed) throw new WebAssembly.RuntimeError("unreachable");
        return value(...given);
      };
      return [name, enter];
    };
    return { exports: Object.fromEntries(Object.entries(made.exports).map(trapping)) };
  });
  const { createClient, preload } = await freshCopy();
  await preload();
  const trap = (work) => {
    armed = true;
    try {
      work();
    } finally {
      armed = false;
    }
  };
  return { createClient, trap };
}

const isDefect = ({ code, message, cause }) =>
  code === "internal" && /stopped on a defect of its own \(unreachable\)/.test(message) && cause instanceof WebAssembly.RuntimeError;

test("an instance that dies while a listener of the caller's runs sends nothing more, and ends no program", async (t) => {
  const { createClient, trap } = await defective(t);
  const uncaught = t.mock.fn();
  process.on("uncaughtException", uncaught);
  t.after(() => process.off("uncaughtException", uncaught));
  const sent = [];
  const leave = new AbortController();
  const one = createClient({
    apiKey: "defects-1",
    fetch: (_url, { method }) => (sent.push(method), never()),
    timeout: 500,
    onEvent: ({ type, method }) => type === "request" && method === "POST" && trap(() => leave.abort()),
  });
  const ping = caught(one.ping({ signal: leave.signal }));
  await until(() => sent.length === 1);
  const errors = await Promise.all([ping, caught(one.generate(TIGER))]);
  assert.ok(errors.every(isDefect), String(errors));
  await soon(20);
  assert.deepEqual([sent, uncaught.mock.callCount()], [["GET"], 0]);
  assert.deepEqual(await one.validate(TIGER), []);
});

test("what the dead instance held in the store is given back: its job is taken up by the next one", async (t) => {
  const { createClient, trap } = await defective(t);
  const simulator = createSimulator({ clock: "auto" });
  const kept = memoryStore();
  const locks = new Map();
  const lock = async (key) => {
    if (locks.has(key)) return undefined;
    locks.set(key, true);
    return async () => {
      locks.delete(key);
      throw new Error("a release that rejects is of no matter");
    };
  };
  const signals = [];
  const changed = (signal) => (signals.push(signal), never());
  const leave = new AbortController();
  const one = createClient({ apiKey: "defects-2", fetch: simulator.fetch, clock: simulator.clock, store: { ...kept, lock, changed } });
  let running;
  const onUpdate = ({ state }) => (running ||= state === "dreaming") && trap(() => leave.abort());
  const other = caught(createClient({ apiKey: "defects-3", fetch: never, clock: simulator.clock }).ping({ signal: leave.signal }));
  assert.ok(isDefect(await caught(one.generate(TIGER, { onUpdate }))));
  assert.ok(isDefect(await other));
  assert.deepEqual([...locks.keys()], []);
  assert.ok(signals.every(({ aborted }) => aborted));
  const [{ done }] = await one.resume();
  assert.equal((await done).state, "completed");
  assert.equal((await simulator.generations()).length, 1);
});

test("a lock that comes when the instance is dead is given back too", async (t) => {
  const { createClient, trap } = await defective(t);
  let grant;
  let released = 0;
  const leave = new AbortController();
  const store = { ...memoryStore(), lock: () => new Promise((resolve) => (grant = () => resolve(() => released++))) };
  const one = createClient({ apiKey: "defects-4", fetch: never, timeout: 500, store });
  const ping = caught(one.ping({ signal: leave.signal }));
  const job = caught(one.generate(TIGER));
  await until(() => grant);
  trap(() => leave.abort());
  assert.ok(isDefect(await ping) && isDefect(await job));
  grant();
  await soon();
  assert.equal(released, 1);
});

test("a release that rejects is no unhandled rejection", async () => {
  const { createClient } = await freshCopy();
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const simulator = createSimulator({ clock: "auto" });
  const lock = async () => async () => {
    throw new Error("no matter");
  };
  const store = { ...memoryStore(), lock };
  const one = createClient({ apiKey: "defects-5", fetch: simulator.fetch, clock: simulator.clock, store });
  assert.equal((await one.generate(TIGER)).state, "completed");
  await soon(20);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

for (const [name, prepare] of [
  ["index", ""],
  ["slim", `module.init(readFile(${JSON.stringify(fileURLToPath(new URL("../../dist/module.wasm", import.meta.url)))}));`],
]) {
  test(`${name} works where a library has put its own class in the place of Promise`, async () => {
    const program = `
      import { readFile } from "node:fs/promises";
      const Native = Promise;
      globalThis.Promise = class extends Native {};
      const module = await import(${JSON.stringify(pathToFileURL(fileURLToPath(entry(name))))});
      ${prepare}
      console.log(JSON.stringify(await module.createClient({ apiKey: "luma-1" }).validate({ prompt: "A tiger" })));`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (chunk) => (printed += chunk));
    await once(child, "close");
    assert.equal(printed, "[]\n");
  });
}

test("a getter of the caller's that throws is its own call's matter", async () => {
  const { createClient } = await freshCopy();
  const broken = () => ({
    get usd() {
      throw new Error("mine");
    },
  });
  const fetch = async () => json({ message: "it answers" });
  const other = createClient({ apiKey: "defects-6", fetch: never, timeout: 1000 });
  let settled = false;
  caught(other.ping()).finally(() => (settled = true));
  for (const name of ["budget", "limits"]) {
    assert.throws(() => createClient({ apiKey: "defects-7", fetch, [name]: broken() }), {
      code: "invalid_request",
      message: /plain data: mine/,
    });
  }
  const one = createClient({ apiKey: "defects-7", fetch });
  const [{ reason }] = await one.generateAll([TIGER], { budget: broken() });
  assert.deepEqual([reason.code, reason.problems[0].path], ["invalid_request", "budget"]);
  const signal = {
    addEventListener() {},
    removeEventListener() {},
    get aborted() {
      throw new Error("mine");
    },
  };
  assert.equal(await one.ping({ signal }), "it answers");
  assert.equal(settled, false, "another client's call goes on");
});

test("the wasm does not tell who built it", async () => {
  const text = await readFile(new URL("../../dist/module.wasm", import.meta.url), "latin1");
  assert.ok(!text.includes(`${homedir()}/`));
  assert.doesNotMatch(text, /registry\/src\//);
});

test("a dead instance's timers keep no program from ending", async (t) => {
  const { createClient, trap } = await defective(t);
  const timers = new Set();
  const { setTimeout: start, clearTimeout: end } = globalThis;
  t.mock.method(globalThis, "setTimeout", (...given) => {
    const timer = start(...given);
    timers.add(timer);
    return timer;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => (timers.delete(timer), end(timer)));
  const one = createClient({ apiKey: "defects-8", fetch: never });
  const leave = new AbortController();
  const pending = [caught(one.ping()), caught(one.ping({ signal: leave.signal }))];
  await until(() => timers.size >= 2);
  trap(() => leave.abort());
  for (const error of await Promise.all(pending)) assert.ok(isDefect(error), String(error));
  assert.equal([...timers].filter((timer) => timer.hasRef() && timer._idleTimeout > 10_000 && !timer._destroyed).length, 0);
});
