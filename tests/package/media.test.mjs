// Files and callbacks in a Worker whose client is kept in the global scope: what its requests share, none may take with it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { install, simulate } from "./installed.mjs";
import { startWorker } from "./workers.mjs";

const WORKER = `
  import { createClient } from "luma-edge";
  import { callbackUrl, verifyCallback } from "luma-edge/callbacks";
  const SECRET = "a-secret-of-the-worker";
  let client;
  export default {
    async fetch(request, env) {
      client ??= createClient({
        apiKey: "luma-any-key-will-do",
        baseUrl: env.BASE_URL,
        upload: async (file) => (await fetch(env.STORAGE, { method: "POST", body: file })).text(),
      });
      const picture = new Blob([new Uint8Array(1000), new URL(request.url).pathname], { type: "image/png" });
      const callback_url = await callbackUrl("https://worker.example/luma", SECRET, "order-17");
      const made = await client.create({ prompt: "A tiger walking in snow", callback_url, keyframes: { frame0: picture } });
      const posted = new Request(callback_url, { method: "POST", body: JSON.stringify(made.raw) });
      const { ticket } = await verifyCallback(posted, SECRET);
      const { generation } = await client.parseCallback(posted);
      return Response.json([ticket, generation.id === made.id, made.request.keyframes.frame0.url]);
    },
  };`;

let installed, provider, storage, worker;
let held = 0;
let stored = 0;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
  provider = await simulate(installed.folder);
  storage = createServer((request, response) => {
    request.resume();
    if (held > 0) return void held--;
    response.end(`https://files.example/${++stored}`);
  });
  storage.listen(0, "127.0.0.1");
  await once(storage, "listening");
  const folder = await installed.program("files", { "worker.js": WORKER });
  const STORAGE = `http://127.0.0.1:${storage.address().port}`;
  worker = await startWorker(join(folder, "worker.js"), { bindings: { BASE_URL: provider.baseUrl, STORAGE } });
});
after(async () => {
  // Before the Worker, which would wait for the answer that was held.
  storage?.closeAllConnections();
  storage?.close();
  await worker?.stop();
  await provider?.stop();
  await installed?.remove();
});

const ask = async (path, patience) => (await worker.get(path, patience)).json();

test("a file is uploaded, and a callback accepted", async () => {
  assert.deepEqual(await ask("/first"), ["order-17", true, "https://files.example/1"]);
  assert.deepEqual(await ask("/first"), ["order-17", true, "https://files.example/1"]);
});

test("requests at the same time share what they hand over", async () => {
  const answers = await Promise.all([ask("/shared"), ask("/shared"), ask("/other")]);
  assert.ok(answers.every(([ticket, same]) => ticket === "order-17" && same));
  assert.equal(answers[0][2], answers[1][2]);
});

// The runtime says so to whoever waits for a promise of that request.
test("a request that was abandoned while it handed a file over holds none up", async () => {
  held = 1;
  await worker.abandon("/abandoned", 1000);
  const [ticket, same] = await ask("/abandoned", 90_000);
  assert.deepEqual([ticket, same, held], ["order-17", true, 0]);
});

test("nothing was said on the console", () => assert.deepEqual(worker.errors, []));
