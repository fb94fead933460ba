// A client kept in the global scope of a Worker: its requests share the wasm, and none may depend on another's life.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { install, simulate } from "./installed.mjs";
import { startWorker } from "./workers.mjs";

// It keeps what ran in which request's context: what is sent, timers, and what a call is told. The request to /cancelled is cancelled with its
// first read: from then on no fetch or timer of its own settles, which makes workerd cancel it.
const WORKER = `
  import { AsyncLocalStorage } from "node:async_hooks";
  import { createClient } from "luma-edge";

  const requests = new AsyncLocalStorage();
  const log = [];
  const note = (what, owner) => log.push({ what, owner, context: requests.getStore() });
  let cancelled = false;
  const isOver = () => cancelled && requests.getStore() === "/cancelled";
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (...given) => (note("timer"), isOver() ? 0 : setTimeout(...given));
  const send = (url, init) => {
    note(init.method, init.body && JSON.parse(init.body).prompt);
    cancelled ||= requests.getStore() === "/cancelled" && init.method === "GET";
    return isOver() ? new Promise(() => {}) : fetch(url, init);
  };

  let client;
  const generate = async (path, env) => {
    client ??= createClient({ apiKey: "luma-any-key-will-do", baseUrl: env.BASE_URL, fetch: send, timeout: 5000 });
    const progressInterval = path === "/cancelled" ? Infinity : 500; // it would go on, and keep the request alive
    const options = { onUpdate: () => note("update", path), progressInterval };
    const { state } = await client.generate({ model: "photon-flash-1", prompt: path }, options);
    note("end", path);
    return new Response(state);
  };
  export default {
    fetch(request, env) {
      const path = new URL(request.url).pathname;
      const run = (path) => requests.run(path, generate, path, env);
      if (path === "/log") return Response.json(log);
      if (path === "/pair") return Promise.all([run("/left"), run("/right")]).then(([one]) => one);
      return run(path);
    },
  };`;

let installed, provider, worker;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
  provider = await simulate(installed.folder);
  const folder = await installed.program("shared client", { "worker.js": WORKER });
  worker = await startWorker(join(folder, "worker.js"), { flags: ["nodejs_als"], bindings: { BASE_URL: provider.baseUrl } });
});
after(async () => {
  await worker?.stop();
  await provider?.stop();
  await installed?.remove();
});

const state = async (path) => (await worker.get(path)).text();
const log = async () => (await worker.get("/log")).json();
const abandon = (path, after) => assert.rejects(worker.get(path, after), { name: "TimeoutError" });

test("one client serves requests at the same time", async () => {
  assert.deepEqual(await Promise.all(["/first", "/second", "/third"].map(state)), ["completed", "completed", "completed"]);
});

// An abandoned request takes its fetches and timers with it: whatever waits for one of them waits for ever.
test("a request that was abandoned while it waited holds none up", async () => {
  await abandon("/abandoned", 1000);
  assert.equal(await state("/after"), "completed");
});

test("requests beside an abandoned one go on", async () => {
  const outcomes = await Promise.all([state("/before"), abandon("/abandoned", 1000), state("/beside")]);
  assert.deepEqual([outcomes[0], outcomes[2]], ["completed", "completed"]);
});

test("requests beside one that is cancelled in the middle of a poll complete", async () => {
  const cancelled = worker.get("/cancelled");
  while (!(await log()).some(({ what, context }) => what === "GET" && context === "/cancelled"))
    await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(await Promise.all([state("/going-on"), state("/going-on-too")]), ["completed", "completed"]);
  assert.equal((await cancelled).status, 500, "the runtime has seen that nothing can answer it any more");
  assert.equal(await state("/later"), "completed");
});

test("two calls that one request begins together run each in its own context", async () => {
  assert.equal(await state("/pair"), "completed");
});

test("nothing of a request ran in another's context", async () => {
  const all = await log();
  for (const { what, owner, context } of all) {
    assert.ok(context, `${what} in no request's context`);
    if (owner) assert.equal(context, owner, what);
  }
  const kinds = (path) => new Set(all.filter(({ context }) => context === path).map(({ what }) => what));
  for (const path of ["/first", "/second", "/third", "/going-on", "/later", "/left", "/right"]) {
    for (const what of ["POST", "timer", "update", "end"]) assert.ok(kinds(path).has(what), `${path} has no ${what}`);
  }
  assert.ok(kinds("/cancelled").has("GET") && !kinds("/cancelled").has("end"));
});

test("nothing was said on the console but that the runtime cancelled a request", () => {
  assert.equal(worker.errors.length, 1);
  assert.match(worker.errors[0], /canceled this request/);
});
