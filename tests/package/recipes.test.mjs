// The command of docs/recipes.md, as a reader would save it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { runCommand } from "./commands.mjs";
import { install, simulate } from "./installed.mjs";

let installed, provider;
before(async () => {
  installed = await install();
  provider = await simulate(installed.folder);
});
after(async () => {
  await provider?.stop();
  await installed?.remove();
});

const [, code] = /^## A command$.*?^```js no_run\n(.*?)^```$/ms.exec(await readFile(join(root, "docs/recipes.md"), "utf8"));
const tiger = ["video.mjs", "A", "tiger", "in", "snow"];
const filesIn = async (folder) => (await readdir(folder)).filter((name) => name.endsWith(".mp4"));

/** The command in a folder of its own. */
async function command(name) {
  const folder = await installed.program(name, { "video.mjs": code });
  const variables = {
    LUMA_AGENTS_API_KEY: `luma-api-${name.replaceAll(/\W+/g, "-")}`,
    LUMA_BASE_URL: provider.baseUrl.replace("dream-machine", "agents"),
  };
  return { folder, variables, run: (...args) => runCommand(folder, ["node", ...args], variables) };
}

const look = async (what) => (await fetch(new URL(`/__simulator/${what}`, provider.baseUrl))).json();
const bought = async () => (await look("stats")).created.video;

test("the command writes a video into a file, and says why it does not", async () => {
  const { folder, run } = await command("command");
  const { output, errors } = await run(...tiger);
  const [file] = await filesIn(folder);
  assert.equal(output, `${file}\n`);
  assert.match(errors.join(""), /dreaming \d+ %/);
  assert.match(await readFile(join(folder, file), "latin1"), /^....ftyp/s);
  await assert.rejects(run("video.mjs", "[fail:moderation]"), /ended with 1:\s+.*moderated: /s);
  assert.equal((await run("video.mjs")).output, "", "nothing is left to finish");
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGKILL", null],
]) {
  test(`a command that ${signal} ended gets its video in the next run, and buys none`, async () => {
    const { folder, variables, run } = await command(`command ended by ${signal}`);
    const before = await bought();
    const child = spawn("node", tiger, { cwd: folder, env: { ...process.env, ...variables }, stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    for await (const chunk of child.stderr) {
      told += chunk;
      if (told.includes("dreaming") && !child.killed) child.kill(signal);
    }
    await (child.exitCode ?? child.signalCode ?? once(child, "close"));
    assert.equal(child.exitCode, code);
    if (signal === "SIGINT") assert.match(told, /Stopped\. .* run this again/);
    assert.deepEqual(await filesIn(folder), []);
    await run(...tiger);
    assert.equal((await filesIn(folder)).length, 1);
    assert.equal(await bought(), before + 1);
  });
}
