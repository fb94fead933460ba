// The package as a user gets it: packed, then installed into an empty folder. And a simulator, started out of it.

import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "../../scripts/setup.mjs";

const exec = promisify(execFile);

/** Packs what is built and installs it. Call `remove` when done with it. */
export async function install() {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-package-"));
  // Without scripts: to pack is to build, and another test may be reading what is built.
  const { stdout } = await exec("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [{ filename, files }] = JSON.parse(stdout);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await exec("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, filename)], { cwd: folder });
  return {
    folder,
    files: files.map(({ path }) => path),
    remove: () => rm(folder, { recursive: true, force: true }),

    /** Makes a folder with these files, where luma-edge is found and nothing that another program left. */
    async program(name, contents) {
      const inside = join(folder, name.replace(/\W+/g, "-"));
      await mkdir(inside);
      await cp(new URL("program.js", import.meta.url), join(inside, "program.js"));
      for (const [file, content] of Object.entries(contents)) await writeFile(join(inside, file), content);
      return inside;
    },
  };
}

/** Starts `npx luma-edge simulate`; gives the address that a client takes as its baseUrl, and how to stop it. */
export async function simulate(folder) {
  const child = spawn(join(folder, "node_modules/.bin/luma-edge"), ["simulate", "--port", "0", "--speed", "20"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const stop = async () => {
    child.kill();
    await ended;
  };
  for await (const line of createInterface(child.stdout)) {
    const address = /^dream-machine (http:\S+)/.exec(line)?.[1];
    if (address) return { baseUrl: address, stop };
  }
  throw new Error(`The simulator ended before it told its address: ${await ended}`);
}
