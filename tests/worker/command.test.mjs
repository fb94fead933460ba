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

/** Runs it on what is built: a build would take away what other tests read. */
const command = (...flags) => spawn(process.execPath, [join(root, "scripts/worker.mjs"), "--no-build", "--port", "0", ...flags]);

/** Runs it until it has said all: what it printed, its address, and how to end it. */
async function started(...flags) {
  const child = command("--speed", "1000", ...flags);
  const printed = [];
  let url;
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    url ??= /(http:\S+)\/luma$/.exec(line)?.[1];
    if (line.includes("Ctrl+C")) break;
  }
  const stop = async () => {
    child.kill();
    await once(child, "close");
  };
  return { printed, url, stop };
}

test("it prints an address and a token, with which a client works; --budget and --token hold", async (t) => {
  const { printed, url, stop } = await started("--token", "one-token", "--token", "another-token", "--budget", "0.2");
  t.after(stop);
  assert.ok(printed.includes("  token one-token") && printed.includes("  token another-token"), printed.join("\n"));
  for (const apiKey of ["one-token", "another-token"]) {
    const client = createClient({ provider: "agents", baseUrl: `${url}/luma/agents`, apiKey });
    const create = (prompt) => client.create({ model: "ray-3.2", prompt, resolution: "540p", duration: "5s" });
    assert.equal((await create("A tiger")).state, "queued");
    await assert.rejects(create("A lion"), { code: "insufficient_credits" });
  }
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
  const flags = ["--token", "one-token", "--state", state, "--webhook-origin", origin];
  let running = await started(...flags);
  t.after(async () => {
    await running.stop();
    receiver.close();
    await rm(state, { recursive: true });
  });
  const secret = await secretAt(running.url);
  const body = JSON.stringify({ request: { model: "uni-1", prompt: "A tiger" }, webhook: `${origin}/hook` });
  assert.equal((await fetch(`${running.url}/jobs`, { method: "POST", headers, body })).status, 202);
  const told = await hook;
  assert.equal(new Webhook(secret).verify(told.body, told.headers).type, "job.completed");
  await running.stop();
  running = await started(...flags);
  assert.equal(await secretAt(running.url), secret);
});

test("what it cannot do, it says in a sentence", async () => {
  for (const [flags, words] of [
    [["--budget", "much"], /--budget takes dollars/],
    [["--upstream", "other=http://127.0.0.1:1"], /--upstream takes/],
    [["--upstream", "agents=http://127.0.0.1:1/v1"], /needs the key in LUMA_AGENTS_API_KEY/],
    [["--colour", "red"], /--colour/],
  ]) {
    const child = command(...flags);
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(said, words);
  }
});
