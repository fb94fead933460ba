// Runs a program in a runtime that is a command: Node, Deno, Bun.

import { spawn } from "node:child_process";

/** How long a program may take, in ms. */
const PATIENCE = 45_000;

/**
 * Runs a command in a folder, to its end.
 * @returns {Promise<{ output: string, errors: string[] }>} what it printed, and what it printed as errors
 */
export async function runCommand(folder, [command, ...args], variables = {}) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE,
  });
  let output = "";
  let complaints = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (complaints += chunk));
  const status = await new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${output}${complaints}`);
  return { output, errors: complaints ? [complaints] : [] };
}
