// What is lost between a client and the Worker is never in doubt: the client sends each creation with a key of its own, asks by it what
// became of a lost one, and sends it again with it. A cutting proxy stands between them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createClient } from "luma-edge";
import { memoryStore } from "luma-edge/stores";
import { ANNE, BOB, startSite, once_ as struck } from "./site.mjs";

let site, state, line;
before(async () => {
  state = await mkdtemp(join(tmpdir(), "luma-edge-worker-"));
  site = await startSite({ state });
  line = await startLine(site);
});
after(async () => {
  line?.stop();
  await site?.stop();
  await rm(state, { recursive: true, force: true });
});

/**
 * A proxy in front of the Worker, at HTTP's level. `line.cut` strikes at the first creation: it gets the pieces that it may play with, and
 * whatever it does the connection is cut at its end.
 */
async function startLine(site) {
  const line = { cut: undefined, keys: [] };
  const pass = async (request, body) => {
    const onward = http.request(site.worker.url + request.url, { method: request.method, headers: request.headers, agent: false });
    onward.end(body);
    const [answer] = await once(onward, "response");
    return { answer, body: await read(answer) };
  };
  const server = http.createServer(async (request, response) => {
    const body = await read(request);
    if (request.method === "POST") line.keys.push(request.headers["idempotency-key"]);
    const cut = request.method === "POST" ? line.cut : undefined;
    try {
      if (cut) {
        line.cut = undefined;
        await cut({ pass: () => pass(request, body), response });
        return request.socket.destroy();
      }
      const { answer, body: came } = await pass(request, body);
      response.writeHead(answer.statusCode, answer.headers).end(came);
    } catch {
      request.socket.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  line.url = `http://127.0.0.1:${server.address().port}`;
  line.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return line;
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const PROVIDERS = ["agents", "dream-machine", "useapi", "piapi"];

const clientOf = (provider, more) =>
  createClient({ provider, apiKey: ANNE, baseUrl: `${line.url}/luma/${provider}`, limits: "none", ...more });

/** Where the line is cut, and how often the creation then goes out. */
const CUTS = {
  "before the request arrives": [() => {}, 2],
  "after the answer was sent": [({ pass }) => pass(), 1],
  "during the answer": [
    async ({ pass, response }) => {
      const { answer, body } = await pass();
      response.writeHead(answer.statusCode, answer.headers);
      await new Promise((resolve) => response.write(body.subarray(0, body.length / 2), resolve));
    },
    1,
  ],
  "by a crash of the Worker before it arrives": [() => site.crash(), 2],
  "by a crash of the Worker after it answered": [({ pass }) => pass().then(() => site.crash()), 1],
  "with two crashes": [
    async ({ pass }) => {
      await site.crash();
      await pass();
      await site.crash();
    },
    1,
  ],
};

for (const [name, [cut, posts]] of Object.entries(CUTS)) {
  for (const provider of PROVIDERS) {
    test(`the connection is cut ${name}: one job, and its caller has it, at ${provider}`, async () => {
      const before = await site.made();
      line.keys = [];
      line.cut = cut;
      const client = clientOf(provider);
      const { id } = await client.create({ prompt: "A tiger walking in snow" });
      assert.equal((await client.get(id)).id, id, "it is the caller's");
      assert.equal(await site.made(), before + 1);
      assert.equal(line.keys.length, posts);
      assert.match(line.keys[0], /^\d+-\d+$/);
      assert.equal(new Set(line.keys).size, 1);
    });
  }
}

test("the Worker dies while it makes the job at Dream Machine: it finds the job when it is asked", async () => {
  const before = await site.made();
  site.intercept = struck("POST", "generations/video", "hold");
  const made = new Promise((resolve) => {
    site.onHold = resolve;
  });
  line.cut = async ({ pass }) => {
    const lost = pass().catch(() => {});
    await made;
    await site.crash();
    await lost;
  };
  const client = clientOf("dream-machine");
  const { id } = await client.create({ prompt: "A serval" });
  site.intercept = undefined;
  assert.equal((await client.get(id)).id, id);
  assert.equal(await site.made(), before + 1);
});

test("what the Worker itself lost at Agents stays unknown, and is told at once", async () => {
  const before = await site.made();
  line.keys = [];
  site.intercept = struck("POST", "/agents/v1/generations", "cut-after");
  const lost = await clientOf("agents")
    .create({ prompt: "A cheetah" })
    .catch((error) => error);
  site.intercept = undefined;
  assert.equal(lost.code, "unknown_outcome");
  assert.equal(line.keys.length, 1);
  assert.equal(await site.made(), before + 1);
});

test("thirty creations of one request at once, each of whose answers is lost, are thirty jobs", async () => {
  const before = await site.made();
  const lossy = (input, init) => fetch(input, init).then((answer) => (init?.method === "POST" ? Promise.reject(Error("lost")) : answer));
  for (const provider of ["agents", "dream-machine"]) {
    const client = clientOf(provider, { fetch: lossy });
    const made = await Promise.all(Array.from({ length: 15 }, () => client.create({ prompt: "A lion" })));
    assert.equal(new Set(made.map(({ id }) => id)).size, 15);
  }
  assert.equal(await site.made(), before + 30);
});

/**
 * A page, which finds in its store what the one before left there. Its clock is its own, since clients of one clock know each other's tickets.
 * @param {(init?: RequestInit) => Promise<Response> | undefined} [instead] sends in the place of fetch: of a page that is gone nothing is answered
 */
async function open(provider, entries, instead) {
  const store = memoryStore();
  for (const [key, value] of entries) await store.put(key, value);
  const clock = { now: () => Date.now(), sleep: (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }).catch(() => {}) };
  const client = clientOf(provider, { store, clock, fetch: (input, init) => instead?.(input, init) ?? fetch(input, init) });
  return { client, entries: async () => [...(await store.getAll())] };
}

for (const provider of ["agents", "dream-machine"]) {
  test(`two reloads: the third page has the job of the first, at ${provider}`, async () => {
    const before = await site.made();
    const never = new Promise(() => {});
    const arrived = deferred();
    const first = await open(provider, [], (input, init) => {
      fetch(input, init).then(arrived.resolve);
      return never;
    });
    first.client.create({ prompt: "A lynx" });
    await arrived.promise;
    const asked = deferred();
    const second = await open(provider, await first.entries(), () => {
      asked.resolve();
      return never;
    });
    const [lost] = await second.client.resume();
    assert.equal(lost.id, undefined, "its job is not known yet");
    await asked.promise;
    const found = deferred();
    const third = await open(provider, await second.entries());
    const over = new AbortController();
    const [{ done }] = await third.client.resume({
      signal: over.signal,
      onUpdate: (update) => "raw" in update && found.resolve(update.id),
    });
    const id = await Promise.race([found.promise, done]);
    over.abort();
    await assert.rejects(done, { code: "aborted" });
    assert.equal((await site.call(`/luma/${provider}/generations/${id}`)).status, 200);
    assert.equal(await site.made(), before + 1);
  });
}

function deferred() {
  let resolve;
  const promise = new Promise((given) => {
    resolve = given;
  });
  return { promise, resolve };
}

test("what became of a creation is told by its key, to its caller alone", async () => {
  const recall = (key, more) => site.call(`/luma/agents/creations/${key}`, more);
  const none = await recall("k-1");
  assert.deepEqual([none.json, none.headers.get("luma-edge-idempotency")], [{ key: "k-1", state: "none" }, "1"]);
  const made = await site.call("/luma/agents/generations", {
    body: { type: "video", model: "ray-3.2", prompt: "A puma" },
    key: "k-1",
  });
  const known = await recall("k-1");
  assert.deepEqual([known.status, known.json], [200, { key: "k-1", state: "made", answer: made.json }]);
  assert.equal((await recall("k-1", { token: BOB })).json.state, "none");
  assert.equal((await recall("k-1", { token: "wrong" })).status, 401);
  assert.equal((await site.call("/luma/creations/k-1")).json.state, "none", "at another provider it is another key");
  assert.equal((await recall("k-1", { method: "DELETE" })).status, 405);
  assert.equal((await recall("%2e%2e")).status, 404);
  const odd = "order/17(b)#1?";
  await site.call("/luma/agents/generations", { body: { type: "video", model: "ray-3.2", prompt: "A liger" }, key: odd });
  assert.equal((await recall(encodeURIComponent(odd))).json.state, "made", "any key that may be used");
  assert.equal((await recall("two%20words")).status, 404);
});

test("a creation that was refused leaves nothing behind its key", async () => {
  site.intercept = struck("POST", "generations", (response) => response.writeHead(402).end('{"detail":"no credits left"}'));
  const refused = await site.create({ prompt: "A puma" }, { key: "k-2" });
  site.intercept = undefined;
  assert.equal(refused.status, 402);
  assert.equal((await site.call("/luma/creations/k-2")).json.state, "none");
});
