// The command line, as a process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/entries/cli.js", import.meta.url));

/** Runs it to its end. */
export async function run(...args) {
  const child = spawn(process.execPath, [CLI, ...args]);
  const out = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) child[stream].on("data", (chunk) => (out[stream] += chunk));
  const [code] = await once(child, "close");
  return { code, ...out };
}

/** Starts a simulator on a free port; it ends with the test. */
export async function simulate(t, ...args) {
  const child = spawn(process.execPath, [CLI, "simulate", "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  const [line] = await once(child.stdout, "data");
  const [, baseUrl, root] = /^dream-machine ((http:\S+)\/dream-machine\/v1)\n/.exec(line.toString());
  const look = async (what, init) => (await fetch(`${root}/__simulator/${what}`, init)).json();
  return { child, told: line.toString(), baseUrl, root, look, advance: (ms) => look(`advance?ms=${ms}`, { method: "POST" }) };
}
