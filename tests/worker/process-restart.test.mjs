// `luma-edge/proxy` forgets with its process. What it made before a restart is neither lost to a client that has its ticket, nor bought again.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { createClient } from "luma-edge";
import { createProxy } from "luma-edge/proxy";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { callers } from "../../scripts/worker.mjs";

const TOKEN = "token-of-anne-0123456789abcdef";

let server, provider, simulator;
before(async () => {
  server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length ? Buffer.concat(chunks) : undefined;
    const answer = await simulator.fetch(`http://simulator${request.url}`, { method: request.method, headers: request.headers, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  provider = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

/** A proxy that can be started anew, and a client of it whose waits the simulator's clock skips. */
function site(name, path) {
  simulator = createSimulator({ clock: "auto", limits: "none", latency: 0, durations: 20_000 });
  const start = () =>
    createProxy({
      env: {
        LUMA_API_KEY: "luma-the-key-of-dream-machine",
        LUMA_AGENTS_API_KEY: "luma-api-the-key-of-agents",
        UPSTREAMS: { [name]: provider + path },
        CALLERS: callers([TOKEN]),
      },
    });
  const here = { proxy: start(), store: memoryStore(), fetch: (url, init) => here.proxy(new Request(url, init)) };
  here.restart = () => {
    here.proxy = start();
  };
  here.client = createClient({
    provider: name,
    apiKey: TOKEN,
    baseUrl: `http://127.0.0.1:1/luma/${name}`,
    fetch: (url, init) => simulator.clock.hold(here.fetch(url, init)), // its time is no time of ours
    store: here.store,
    clock: simulator.clock,
  });
  return here;
}

test("a job that was made before a restart keeps its ticket, and is not told as gone", async () => {
  const here = site("agents", "/agents/v1");
  const { id } = await here.client.create({ model: "ray-3.2", prompt: "A tiger" });
  here.restart();
  const error = await here.client.poll(id).then(assert.fail, (error) => error);
  assert.deepEqual([error.code, error.status, error.retryable], ["server", 503, false]);
  assert.match(error.message, /forgets with each restart/);
  assert.equal((await here.store.getAll()).filter(([key]) => key.startsWith("ticket:")).length, 1);
});

test("of two processes, the one that does not know a job leaves it to the other", async () => {
  const here = site("agents", "/agents/v1");
  const { id } = await here.client.create({ model: "ray-3.2", prompt: "A tiger" });
  const first = here.proxy;
  here.restart();
  let turn = 0;
  here.fetch = (url, init) => (turn++ % 2 ? first : here.proxy)(new Request(url, init));
  assert.equal((await here.client.poll(id)).state, "completed");
});

test("a creation during which the proxy is restarted is not sent again", async () => {
  const here = site("dream-machine", "/dream-machine/v1");
  here.fetch = async (url, init) => {
    const answer = await here.proxy(new Request(url, init));
    if (init.method !== "POST") return answer;
    here.restart();
    throw new TypeError("terminated");
  };
  const error = await here.client.generate({ model: "ray-2", prompt: "A tiger" }).then(assert.fail, (error) => error);
  assert.equal(error.code, "unknown_outcome");
  assert.equal((await simulator.stats()).created.video, 1);
});
