// `luma-edge/proxy` as docs/worker.md shows it: in Node, Deno and Bun, and as a handler of Next.js and of SvelteKit.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root, setup } from "../../scripts/setup.mjs";
import { callers } from "../../scripts/worker.mjs";
import { install, simulate } from "./installed.mjs";

const TOKEN = "token-of-anne-0123456789abcdef";
const KEY = "luma-api-the-key-of-agents";

/** The samples, by the file that each says it is. */
const samples = new Map(
  [...(await readFile(join(root, "docs/worker.md"), "utf8")).matchAll(/^```js no_run\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [
    name,
    code,
  ]),
);

let installed, provider, folder, variables;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
  provider = await simulate(installed.folder);
  folder = await installed.program("proxy", Object.fromEntries([...samples].filter(([name]) => !name.includes("/"))));
  await cp(join(root, "node_modules/@hono/node-server"), join(installed.folder, "node_modules/@hono/node-server"), { recursive: true });
  await cp(join(root, "node_modules/hono"), join(installed.folder, "node_modules/hono"), { recursive: true });
  variables = {
    PORT: "0",
    LUMA_AGENTS_API_KEY: KEY,
    UPSTREAMS: JSON.stringify({ agents: provider.baseUrl.replace("dream-machine", "agents") }),
    CALLERS: JSON.stringify(callers([TOKEN])),
    CALLER_LIMITS: JSON.stringify({ usdPerDay: 0.2 }),
  };
});
after(async () => {
  await provider?.stop();
  await installed?.remove();
});

/** One video for 0.15 dollars is made, once, and read; a second one is above the budget; nobody else may do anything. */
async function serves(send, base) {
  const call = async (path, { token = TOKEN, body, key } = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...(key && { "idempotency-key": key }) };
    const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const response = await send(new Request(`${base}/agents/${path}`, init));
    const text = await response.text();
    assert.ok(!text.includes(KEY) && !JSON.stringify([...response.headers]).includes(KEY));
    return { status: response.status, ...JSON.parse(text) };
  };
  const body = { type: "video", model: "ray-3.2", prompt: "A tiger", video: { resolution: "540p", duration: "5s" } };
  const first = await call("generations", { body, key: "tiger" });
  assert.equal(first.status, 201);
  assert.equal((await call("generations", { body, key: "tiger" })).id, first.id);
  assert.equal((await call(`generations/${first.id}`)).id, first.id);
  assert.equal((await call("generations", { body, key: "another" })).code, "budget");
  assert.equal((await call("generations", { body, token: "another" })).status, 401);
  assert.equal((await call("..%2F..%2Fhealth")).status, 404);
}

for (const [runtime, command] of Object.entries({
  Node: ["node", "server.mjs"],
  Deno: ["deno", "run", "--allow-net", "--allow-env", "deno.mjs"],
  Bun: ["bun", "bun.mjs"],
})) {
  test(runtime, async () => {
    const [program, ...args] = command;
    const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    try {
      const lines = createInterface(child.stdout);
      const base = await new Promise((resolve, reject) => {
        lines.on("line", (line) => line.startsWith("http") && resolve(line));
        ended.then((code) => reject(new Error(`${runtime} ended with ${code}`)));
      });
      await serves(fetch, base);
    } finally {
      child.kill();
      await ended;
    }
  });
}

/** What a framework does with a route: its module, bundled, called within the framework's process. */
async function route(name, framework) {
  const file = join(folder, framework, name.replace(/^.*\//, ""));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, samples.get(name));
  await writeFile(join(folder, framework, "env.js"), "export const env = process.env;");
  const outfile = join(folder, framework, "bundle.mjs");
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    alias: { "$env/dynamic/private": join(folder, framework, "env.js") },
    logLevel: "error",
  });
  return import(pathToFileURL(outfile));
}

test("Next.js", async () => {
  Object.assign(process.env, variables);
  const { GET, POST, OPTIONS, DELETE } = await route("app/api/luma/[...path]/route.js", "next");
  await serves((request) => ({ GET, POST, OPTIONS, DELETE })[request.method](request), "http://localhost:3000/api/luma");
});

test("SvelteKit", async () => {
  Object.assign(process.env, variables);
  const { fallback } = await route("src/routes/luma/[...path]/+server.js", "sveltekit");
  await serves((request) => fallback({ request }), "http://localhost:5173/luma");
});
