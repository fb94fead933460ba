// The Worker in workerd, in front of a simulator whose answers a test may change. Whatever the Worker answers and logs is kept, and searched
// for what must show nowhere.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createSimulator } from "luma-edge/simulator";
import { root } from "../../scripts/setup.mjs";
import { callers, startWorker } from "../../scripts/worker.mjs";

/** Each provider's key, and where the simulator has it. */
export const KEYS = {
  LUMA_API_KEY: "luma-the-key-of-dream-machine",
  LUMA_AGENTS_API_KEY: "luma-api-the-key-of-agents",
  USEAPI_TOKEN: "user:1234-the-key-of-useapi",
  PIAPI_KEY: "the-key-of-piapi",
};
const PATHS = { "dream-machine": "/dream-machine/v1", agents: "/agents/v1", useapi: "/useapi/v1/luma", piapi: "/piapi" };

/** The callers' tokens. */
export const ANNE = "token-of-anne-0123456789abcdef";
export const BOB = "token-of-bob-0123456789abcdef";

/** Whether not the Worker is started but the proxy alone, in a process. */
export const IN_PROCESS = process.env.LUMA_EDGE_TESTS === "process";
const PROCESS = [process.execPath, join(root, "tests/worker/process.mjs")];

/** The same with a Worker of a test's own, by the text of its module, which may import from `../../worker/src/`. */
export async function startOwnSite(text, options = {}) {
  const folder = await mkdtemp(join(root, "target/own-worker-")); // inside, where the package finds itself
  const entry = join(folder, "index.js");
  await writeFile(entry, text);
  const site = await startSite({ entry, ...options, env: { CALLERS: [], ...options.env } });
  const { stop } = site;
  site.stop = () => stop().finally(() => rm(folder, { recursive: true, force: true }));
  return site;
}

/**
 * @param {object} [options]
 * @param {Record<string, unknown>} [options.env] variables of the Worker
 * @param {object | ((base: string) => object)} [options.simulator] its options; `base` is the address of the server that stands for the providers
 * @param {string} [options.entry] another module than the repository's
 * @param {string} [options.state] a folder for what the Worker stores
 */
export async function startSite({ env = {}, simulator: own = {}, state, entry } = {}) {
  const site = { log: [], answers: [], intercept: undefined };
  const upstream = createServer((request, response) => answer(site, request, response).catch(() => response.destroy()));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const base = `http://127.0.0.1:${upstream.address().port}`;
  // Jobs last an hour of the simulator's time, which a test skips.
  const usual = { clock: 100, limits: "none", durations: 3_600_000, baseUrl: "https://files.example.com" };
  const simulator = createSimulator({ ...usual, ...(typeof own === "function" ? own(base) : own) });
  Object.assign(site, { base, simulator });
  const UPSTREAMS = Object.fromEntries(Object.entries(PATHS).map(([provider, path]) => [provider, base + path]));
  const variables = {
    CALLERS: callers([ANNE, BOB]),
    UPSTREAMS,
    LIMITS: {},
    CALLER_LIMITS: {},
    DEFAULT_PROVIDER: "dream-machine",
    ...KEYS,
    ...env,
  };
  const waiting = new Set();
  const heard = (line) => {
    site.log.push(line);
    for (const wake of waiting) wake();
  };
  /** The line of the log that has this text, which may come after the answer. */
  site.line = async (text) => {
    for (;;) {
      const line = site.log.find((line) => line.includes(text));
      if (line) return line;
      await new Promise((resolve) => waiting.add(resolve));
    }
  };
  const start = async () => {
    site.worker = await startWorker({ env: variables, state, entry, onLine: heard, ...(IN_PROCESS && { command: PROCESS }) });
  };
  await start();

  /** Sends a request; a body that is no text is sent as JSON. */
  site.call = async (path, { method, token = ANNE, body, headers = {}, key } = {}) => {
    const response = await fetch(site.worker.url + path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key && { "idempotency-key": key }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === "string" || body instanceof ReadableStream || body instanceof Uint8Array ? body : JSON.stringify(body),
        duplex: "half",
      }),
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    site.answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    let json;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: response.status, headers: response.headers, text, json };
  };
  site.create = (body = {}, more = {}) =>
    site.call("/luma/generations/video", { body: { model: "ray-2", prompt: "A tiger", ...body }, ...more });

  /** Sends bytes as they are, as no client would; gives what came back. */
  site.raw = (text) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(site.worker.url);
      const socket = connect(Number(port), hostname, () => socket.write(text.replaceAll("\n", "\r\n")));
      let came = "";
      socket.setTimeout(10_000, () => socket.destroy());
      socket.on("data", (chunk) => {
        came += chunk;
      });
      socket.on("error", reject);
      socket.on("close", () => {
        site.answers.push(came);
        resolve({ status: Number(/^HTTP\/1.1 (\d+)/.exec(came)?.[1] ?? 0), text: came });
      });
    });

  /** What reached the provider, by method and path. */
  site.received = async () => (await simulator.requests()).map(({ method, path }) => `${method} ${path}`);
  site.made = async () => (await simulator.generations()).length;

  /** Ends the Worker at once, as a crash would, and starts it again on the same storage, with these variables changed. */
  site.crash = async (changes = {}) => {
    await site.worker.kill();
    Object.assign(variables, changes);
    await start();
  };

  site.stop = async () => {
    await site.worker?.stop();
    upstream.closeAllConnections();
    upstream.close();
    simulator.close();
    for (const secret of [...Object.values(KEYS), ANNE, BOB, base, "127.0.0.1:", "set-cookie"]) {
      for (const shown of [...site.answers, ...site.log])
        assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()), `${secret} shows in ${shown}`);
    }
  };
  return site;
}

async function answer(site, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length ? Buffer.concat(chunks) : undefined;
  const act = site.intercept?.({ method: request.method, path: request.url, headers: request.headers, body });
  if (typeof act === "function") return act(response);
  if (act === "cut") return response.destroy();
  const answer = await site.simulator.fetch(`http://simulator${request.url}`, { method: request.method, headers: request.headers, body });
  const content = Buffer.from(await answer.arrayBuffer());
  if (act === "cut-after") return response.destroy();
  if (act === "499-after") return response.writeHead(499, { "content-type": "text/html" }).end();
  if (act === "hold") return site.onHold();
  response.writeHead(answer.status, {
    ...Object.fromEntries(answer.headers),
    "set-cookie": "session=of-the-provider",
    server: "internal-7",
  });
  response.end(content);
}

/** Strikes once, at the first request that fits. */
export function once_(method, path, act) {
  let struck = false;
  return (request) => {
    if (struck || request.method !== method || !request.path.includes(path)) return undefined;
    struck = true;
    return act;
  };
}
