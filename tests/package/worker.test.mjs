// A client kept in the global scope of a Worker: its requests share the wasm, and none may depend on another's life.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { install, simulate } from "./installed.mjs";
import { startWorker } from "./workers.mjs";

const WORKER = `
  import { createClient } from "luma-edge";
  let client;
  export default {
    async fetch(request, env) {
      client ??= createClient({ apiKey: "luma-any-key-will-do", baseUrl: env.BASE_URL });
      const { state } = await client.generate({ model: "photon-flash-1", prompt: new URL(request.url).pathname });
      return new Response(state);
    },
  };`;

let installed, provider, worker;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
  provider = await simulate(installed.folder);
  const folder = await installed.program("shared client", { "worker.js": WORKER });
  worker = await startWorker(join(folder, "worker.js"), { bindings: { BASE_URL: provider.baseUrl } });
});
after(async () => {
  await worker?.stop();
  await provider?.stop();
  await installed?.remove();
});

const state = async (path) => (await worker.get(path)).text();
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

test("nothing was said on the console", () => assert.deepEqual(worker.errors, []));
