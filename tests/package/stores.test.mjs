// The stores of the packed package in the runtimes that they are for: Workers KV and Durable Objects in workerd, a folder in
// Deno and Bun.

import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, setup } from "../../scripts/setup.mjs";
import { kept } from "../stores/contract.js";
import { runCommand } from "./commands.mjs";
import { install } from "./installed.mjs";
import { startWorker } from "./workers.mjs";

const WORKER = `
  import { DurableObject, waitUntil } from "cloudflare:workers";
  import { durableObjectStore, kvStore } from "luma-edge/stores";
  import { keepsContract } from "./contract.js";

  export class Jobs extends DurableObject {
    async fetch(request) {
      const store = durableObjectStore(this.ctx.storage);
      switch (new URL(request.url).pathname) {
        case "/object/contract":
          return Response.json(await keepsContract(() => durableObjectStore(this.ctx.storage), { many: 1200 }));
        case "/object/lock":
          return Response.json(Boolean(await store.lock("ticket:shared")));
        case "/object/put":
          await store.put("ticket:durable", "{}");
          return Response.json(null);
        default:
          return Response.json(await store.getAll());
      }
    }
  }

  export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/object")) return env.JOBS.get(env.JOBS.idFromName("of an account")).fetch(request);
      if (pathname === "/kv/contract") return Response.json(await keepsContract(() => kvStore(env.KV, { waitUntil }), { many: 1200 }));
      const store = kvStore(env.KV, { prefix: "paced:", waitUntil });
      if (pathname === "/kv/twice") await Promise.all([store.put("ticket:x", "1"), store.put("ticket:x", "2")]);
      if (pathname === "/kv/leave") store.put("ticket:x", "3");
      return Response.json(await store.getAll());
    },
  };`;

/**
 * Answers as KV's servers do. Under the prefix "paced:" a key may be written once in a second, as it is at Cloudflare; elsewhere
 * at any time, so that the contract does not take minutes.
 */
const KV = `
  const entries = new Map();
  const written = new Map();
  export default {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const key = decodeURIComponent(pathname.slice(1));
      if (request.method === "POST") {
        const { keys } = await request.json();
        if (keys.length > 100) return new Response(null, { status: 400 });
        return Response.json(Object.fromEntries(keys.map((key) => [key, entries.get(key) ?? null])));
      }
      if (request.method === "GET") {
        const [prefix, cursor] = ["prefix", "cursor"].map((name) => searchParams.get(name) ?? "");
        const names = [...entries.keys()].filter((name) => name.startsWith(prefix) && name > cursor).sort();
        const keys = names.slice(0, 1000).map((name) => ({ name }));
        return Response.json({ keys, list_complete: names.length <= 1000, ...(names.length > 1000 && { cursor: keys.at(-1).name }) });
      }
      const value = await request.text();
      if (key.startsWith("paced:") && Date.now() < (written.get(key) ?? 0) + 1000) return new Response(null, { status: 429 });
      written.set(key, Date.now());
      if (request.method === "PUT") entries.set(key, value);
      else entries.delete(key);
      return new Response();
    },
  };`;

const FOLDER = `
  import { fileStore } from "luma-edge/stores/node";
  import { keepsContract } from "./contract.js";
  console.log(JSON.stringify(await keepsContract(() => fileStore("jobs"))));
  await fileStore("jobs").lock("ticket:held");`;

let installed, worker, start;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
  const folder = await program("worker", { "worker.js": WORKER });
  start = () => startWorker(join(folder, "worker.js"), { kv: { KV }, objects: { JOBS: "Jobs" } });
  worker = await start();
});
after(async () => {
  await worker?.stop();
  await installed?.remove();
});

async function program(name, files) {
  const folder = await installed.program(name, files);
  await cp(join(root, "tests/stores/contract.js"), join(folder, "contract.js"));
  return folder;
}

const ask = async (path) => (await worker.get(path)).json();

test("Workers KV keeps the contract", async () => assert.deepEqual(await ask("/kv/contract"), kept()));

test("Workers KV takes the second write within a second when the second is over", async () => {
  assert.deepEqual(await ask("/kv/twice"), [["ticket:x", "2"]]);
});

test("a write that nobody waits for outlives the answer", async () => {
  await ask("/kv/leave");
  let entries;
  do entries = await ask("/kv");
  while (entries[0][1] === "2");
  assert.deepEqual(entries, [["ticket:x", "3"]]);
});

test("the storage of a Durable Object keeps the contract", async () => assert.deepEqual(await ask("/object/contract"), kept()));

test("the requests of an object share its locks, and its entries outlive it", async () => {
  assert.deepEqual(await Promise.all([ask("/object/lock"), ask("/object/lock")]).then((got) => got.sort()), [false, true]);
  await ask("/object/put");
  await worker.stop();
  assert.deepEqual(worker.errors, []);
  worker = await start();
  assert.deepEqual(await ask("/object"), [["ticket:durable", "{}"]]);
  assert.equal(await ask("/object/lock"), true, "a lock does not");
});

for (const [name, command] of [
  ["Deno", ["deno", "run", "--no-prompt", "--allow-read=.", "--allow-write=.", "main.js"]],
  ["Bun", ["bun", "main.js"]],
]) {
  test(`a folder keeps the contract in ${name}, and a held lock keeps no program from ending`, async () => {
    const folder = await program(name, { "main.js": FOLDER });
    await mkdir(join(folder, "jobs"));
    const { output, errors } = await runCommand(folder, command);
    assert.deepEqual([JSON.parse(output), errors], [kept(), []]);
  });
}
