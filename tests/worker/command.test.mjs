// `npm run worker`: the whole of it in one command.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { Webhook } from "standardwebhooks";
import { root } from "../../scripts/setup.mjs";
import { startSimulator } from "../../scripts/worker.mjs";

/** Runs it on what is built: a build would take away what other tests read. */
const command = (flags, env) =>
  spawn(process.execPath, [join(root, "scripts/worker.mjs"), "--no-build", ...flags], { env: { ...process.env, ...env } });

/** Starts it, and gives what it prints. */
async function start(t, flags, env) {
  const child = command(["--port", "0", ...flags], env);
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, "close");
  };
  t.after(stop);
  let said = "";
  for await (const line of createInterface(child.stdout)) {
    said += `${line}\n`;
    if (line.includes("Ctrl+C")) break;
  }
  child.stdout.resume();
  const [, url] = /(http:\S+)\/luma$/m.exec(said) ?? assert.fail(`it prints an address: ${said}`);
  const tokens = [...said.matchAll(/^ {2}token (\S+)$/gm)].map(([, token]) => token);
  const [, admin] = /admin.*\n {2}(\S+)$/m.exec(said);
  return { url, tokens, admin, said, stop };
}

const client = ({ url, tokens }, index = 0) =>
  createClient({ provider: "agents", baseUrl: `${url}/luma/agents`, apiKey: tokens[index], maxRetries: 0 });

/** A video for 0.15 dollars. */
const VIDEO = { model: "ray-3.2", prompt: "A tiger", resolution: "540p", duration: "5s" };

test("it prints an address and a token, with which a client works; --speed makes short work of jobs", async (t) => {
  const started = await start(t, ["--speed", "1000000"]);
  assert.equal(started.tokens.length, 1);
  const { id } = await client(started).create(VIDEO);
  assert.equal((await client(started).get(id)).state, "completed");
});

test("--token again is another caller, with a budget of its own by --budget; /admin tells of both", async (t) => {
  const started = await start(t, ["--token", "one-token", "--token", "another-token", "--budget", "0.2"]);
  assert.deepEqual(started.tokens, ["one-token", "another-token"]);
  for (const index of [0, 1]) {
    await client(started, index).create(VIDEO);
    await assert.rejects(client(started, index).create(VIDEO), { code: "insufficient_credits" });
  }
  const shown = await (await fetch(`${started.url}/admin`, { headers: { authorization: `Bearer ${started.admin}` } })).json();
  assert.deepEqual(
    shown.callers.map(({ name, usd_today, limits }) => [name, usd_today, limits.usdPerDay]),
    [
      ["caller-1", 0.15, 0.2],
      ["caller-2", 0.15, 0.2],
    ],
  );
});

test("--state keeps what was spent, and under which key a job was made, across runs; --port listens there", async (t) => {
  const state = await mkdtemp(join(tmpdir(), "luma-edge-state-"));
  t.after(() => rm(state, { recursive: true, force: true }));
  const port = await freePort();
  const flags = ["--port", String(port), "--state", state, "--token", "one-token", "--budget", "0.2"];
  const create = async ({ url }, key) =>
    fetch(`${url}/luma/agents/generations`, {
      method: "POST",
      headers: { authorization: "Bearer one-token", "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ type: "video", model: "ray-3.2", prompt: "A tiger", video: { resolution: "540p", duration: "5s" } }),
    });
  const first = await start(t, flags);
  assert.equal(first.url, `http://127.0.0.1:${port}`);
  const { id } = await (await create(first, "a-key")).json();
  await first.stop();
  const second = await start(t, flags);
  const again = await create(second, "a-key");
  assert.deepEqual([again.status, (await again.json()).id], [201, id]);
  assert.equal((await create(second, "another-key")).status, 402);
});

test("--seed gives the same ids again, --faults what goes wrong", async (t) => {
  const ids = [];
  for (const seed of ["7", "7", "8"]) {
    const started = await start(t, ["--seed", seed, "--faults", "create:400@2"]);
    ids.push((await client(started).create(VIDEO)).id);
    await assert.rejects(client(started).create(VIDEO), { status: 400 });
    await started.stop();
  }
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
});

test("--upstream puts another server in the simulator's place, with the key of the environment", async (t) => {
  const simulator = await startSimulator({ "api-key": "luma-api-of-the-environment" });
  t.after(() => simulator.stop());
  const flags = ["--upstream", `agents=${simulator.upstreams.agents}`];
  const right = await start(t, flags, { LUMA_AGENTS_API_KEY: "luma-api-of-the-environment" });
  const { id } = await client(right).create(VIDEO);
  const there = createClient({ provider: "agents", baseUrl: simulator.upstreams.agents, apiKey: "luma-api-of-the-environment" });
  assert.equal((await there.get(id)).id, id);
  assert.ok(!right.said.includes("of-the-environment"));
  await right.stop();
  const wrong = await start(t, flags, { LUMA_AGENTS_API_KEY: "luma-api-another" });
  await assert.rejects(client(wrong).create(VIDEO), { status: 403 });
});

test("--public-url is the origin of what is uploaded, so that it may stand in a request", async (t) => {
  const started = await start(t, ["--public-url", "https://tunnel.example.com"]);
  const headers = { authorization: `Bearer ${started.tokens[0]}` };
  const body = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, ...new Uint8Array(100));
  const { url } = await (await fetch(`${started.url}/uploads`, { method: "POST", headers, body })).json();
  assert.equal(new URL(url).origin, "https://tunnel.example.com");
  await client(started).create({ ...VIDEO, keyframes: { frame0: { type: "image", url } } });
});

test("--webhook-origin lets webhooks reach this machine; --state keeps what they are signed with", async (t) => {
  const state = await mkdtemp(join(tmpdir(), "luma-edge-worker-"));
  let hear;
  const hook = new Promise((resolve) => {
    hear = resolve;
  });
  const receiver = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    hear({ headers: request.headers, body: Buffer.concat(chunks).toString() });
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const origin = `http://127.0.0.1:${receiver.address().port}`;
  const headers = { authorization: "Bearer one-token", "content-type": "application/json" };
  const secretAt = async (url) => (await (await fetch(`${url}/webhook-secret`, { headers })).json()).secret;
  const flags = ["--token", "one-token", "--state", state, "--webhook-origin", origin, "--speed", "1000"];
  let running = await start(t, flags);
  t.after(async () => {
    receiver.close();
    await running.stop();
    await rm(state, { recursive: true, force: true });
  });
  const secret = await secretAt(running.url);
  const body = JSON.stringify({ request: { model: "uni-1", prompt: "A tiger" }, webhook: `${origin}/hook` });
  assert.equal((await fetch(`${running.url}/jobs`, { method: "POST", headers, body })).status, 202);
  const told = await hook;
  assert.equal(new Webhook(secret).verify(told.body, told.headers).type, "job.completed");
  await running.stop();
  running = await start(t, flags);
  assert.equal(await secretAt(running.url), secret);
});

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

test("what it cannot do, it says in a sentence", async () => {
  for (const [flags, words] of [
    [["--budget", "much"], /--budget takes dollars/],
    [["--upstream", "other=http://127.0.0.1:1"], /--upstream takes/],
    [["--upstream", "agents=http://127.0.0.1:1/v1"], /needs the key in LUMA_AGENTS_API_KEY/],
    [["--colour", "red"], /--colour/],
  ]) {
    const child = command(flags);
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(said, words);
  }
});
