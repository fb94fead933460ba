// The package as a user gets it: packed, then installed into an empty folder. And a simulator, started out of it.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "../../scripts/setup.mjs";

const exec = promisify(execFile);

/** A folder that holds luma-edge as its only dependency; call `remove` when done with it. */
export async function install() {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-package-"));
  // To pack is to build: see prepack.
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf("[\n")));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await exec("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, filename)], { cwd: folder });
  return { folder, files: files.map(({ path }) => path), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts `npx luma-edge simulate`; gives the address that a client takes as its baseUrl, and how to stop it. */
export async function simulate(folder) {
  const child = spawn(join(folder, "node_modules/.bin/luma-edge"), ["simulate", "--port", "0", "--speed", "20"], { stdio: ["ignore", "pipe", "inherit"] });
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
