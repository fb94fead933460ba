// The types of the packed package, under both ways in which TypeScript finds them.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, setup } from "../../scripts/setup.mjs";
import { runCommand } from "./commands.mjs";
import { install } from "./installed.mjs";

const WASM = `
  import { init } from "luma-edge/slim";
  import wasm from "luma-edge/module.wasm";
  import simulator from "luma-edge/simulator.wasm";
  export const modules: WebAssembly.Module[] = [wasm, simulator];
  await init(wasm);`;

let installed;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
});
after(() => installed?.remove());

test("no declaration leads out of the package", async () => {
  const folder = join(installed.folder, "node_modules/luma-edge");
  for (const path of await readdir(join(folder, "dist"), { recursive: true })) {
    if (!path.endsWith(".d.ts")) continue;
    const file = join(folder, "dist", path);
    for (const [, target] of (await readFile(file, "utf8")).matchAll(/"(\.[^"]+)\.js"/g)) {
      assert.ok(existsSync(join(file, "..", `${target}.d.ts`)), `${path} names ${target}`);
    }
  }
});

for (const resolution of ["nodenext", "bundler"]) {
  test(`the types hold under ${resolution}`, async () => {
    const { compilerOptions, files } = JSON.parse(await readFile(join(root, "tests/types/tsconfig.json"), "utf8"));
    const module = resolution === "nodenext" ? "nodenext" : "esnext";
    const config = { compilerOptions: { ...compilerOptions, module, moduleResolution: resolution }, files: [...files, "wasm.ts"] };
    const folder = await installed.program(resolution, { "tsconfig.json": JSON.stringify(config), "wasm.ts": WASM });
    for (const file of files) await cp(join(root, "tests/types", file), join(folder, file));
    const { output, errors } = await runCommand(folder, ["tsc", "--project", "."]);
    assert.deepEqual({ output, errors }, { output: "", errors: [] });
  });
}
