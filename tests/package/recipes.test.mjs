// The command of docs/recipes.md, as a reader would save it.

import assert from "node:assert/strict";
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

test("the command writes a video into a file, and says why it does not", async () => {
  const [, code] = /^## A command$.*?^```js no_run\n(.*?)^```$/ms.exec(await readFile(join(root, "docs/recipes.md"), "utf8"));
  const folder = await installed.program("command", { "video.mjs": code });
  const variables = { LUMA_API_KEY: "luma-any-key", LUMA_BASE_URL: provider.baseUrl };
  const { output } = await runCommand(folder, ["node", "video.mjs", "A", "tiger", "in", "snow"], variables);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith(".mp4"));
  assert.equal(output, `${file}\n`);
  assert.match(await readFile(join(folder, file), "latin1"), /^....ftyp/s);
  await assert.rejects(runCommand(folder, ["node", "video.mjs", "A"], variables), /ended with 1:\s+invalid_request: .*Prompt is too short/);
});
