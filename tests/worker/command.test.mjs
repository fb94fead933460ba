// `npm run worker`: the whole of it in one command.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { root } from "../../scripts/setup.mjs";

/** Runs it on what is built: a build would take away what other tests read. */
const command = (...flags) => spawn(process.execPath, [join(root, "scripts/worker.mjs"), "--no-build", "--port", "0", ...flags]);

test("it prints an address and a token, with which a client works; --budget and --token hold", async (t) => {
  const child = command("--token", "one-token", "--token", "another-token", "--budget", "0.2", "--speed", "1000");
  t.after(async () => {
    child.kill();
    await once(child, "close");
  });
  const printed = [];
  let baseUrl;
  for await (const line of createInterface(child.stdout)) {
    printed.push(line);
    baseUrl ??= /(http:\S+\/luma)$/.exec(line)?.[1];
    if (line.includes("Ctrl+C")) break;
  }
  assert.ok(printed.includes("  token one-token") && printed.includes("  token another-token"), printed.join("\n"));
  for (const apiKey of ["one-token", "another-token"]) {
    const client = createClient({ provider: "agents", baseUrl: `${baseUrl}/agents`, apiKey });
    const create = (prompt) => client.create({ model: "ray-3.2", prompt, resolution: "540p", duration: "5s" });
    assert.equal((await create("A tiger")).state, "queued");
    await assert.rejects(create("A lion"), { code: "insufficient_credits" });
  }
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
