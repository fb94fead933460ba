// Weighs the Worker as wrangler uploads it and measures how long it takes to start, against the platform's limits: `npm run worker:size`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main, root, SetupError } from "./setup.mjs";

/** What is measured, in kB and ms of CPU: the most that we allow ourselves, and what Cloudflare does (2026-11-27). */
const LIMITS = {
  gzip: { name: "compressed by gzip", unit: "kB", most: 600, platform: "3000 kB on the free plan, 10000 kB on the paid one" },
  raw: { name: "uncompressed", unit: "kB", most: 2000, platform: "64000 kB" },
  start: { name: "CPU time of a start", unit: "ms", most: 200, platform: "1000 ms" },
};

const RUNS = 3;

/** The newest wrangler wants Node 22, which is taken from npm. */
const WRANGLER = [join(root, "node_modules/node/bin/node"), join(root, "node_modules/wrangler/bin/wrangler.js")];
const CONFIG = ["--config", join(root, "worker/wrangler.jsonc")];

await main(() => {
  const runs = Array.from({ length: RUNS }, measured);
  const median = (name) => runs.map((run) => run[name]).sort((one, other) => one - other)[Math.floor(RUNS / 2)];
  const wrong = [];
  for (const [name, { name: what, unit, most, platform }] of Object.entries(LIMITS)) {
    const value = median(name);
    console.log(`${what.padEnd(20)} ${value.toFixed(1).padStart(7)} ${unit}   at most ${most}; Cloudflare's limit is ${platform}`);
    if (value > most) wrong.push(`${what} is ${value.toFixed(1)} ${unit}; at most ${most} is allowed.`);
  }
  if (wrong.length) throw new SetupError(`The Worker is too heavy: ${wrong.join(" ")}`);
});

/** What wrangler says of a bundle that it makes and starts on this machine. Nothing is uploaded. */
function measured() {
  const folder = mkdtempSync(join(tmpdir(), "luma-edge-start-"));
  const args = ["check", "startup", ...CONFIG, `--args=${CONFIG.join(" ")}`, "--outfile", join(folder, "start.cpuprofile")];
  const [node, wrangler] = WRANGLER;
  const { stdout, stderr } = spawnSync(node, [wrangler, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  rmSync(folder, { recursive: true, force: true });
  const sizes = /Bundle: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(stdout);
  const start = /Active: ([\d.]+) (ms|s)\b/.exec(stdout);
  if (!sizes || !start) throw new SetupError(`wrangler check startup did not measure:\n${stdout}${stderr}`);
  const [raw, gzip] = sizes.slice(1).map((kib) => Number(kib) * 1.024);
  return { raw, gzip, start: Number(start[1]) * (start[2] === "s" ? 1000 : 1) };
}
