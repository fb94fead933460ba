// A simulator behind a port, in a process of its own: `luma-edge simulate`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../dist/entries/cli.js", import.meta.url));

/** Starts one, with those flags. */
export const simulate = (flags) =>
  serve([CLI, "simulate", "--port", "0", ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`])]);

/**
 * Starts a program that serves a simulator and says where.
 * @param {string[]} command what Node runs
 * @returns {Promise<{ baseUrl: string, root: string, look: (what: string) => Promise<any>, close: () => Promise<void> }>}
 */
export async function serve(command) {
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const [, baseUrl, root] = /^dream-machine ((http:\S+)\/dream-machine\/v1)\n/.exec(line);
  return {
    baseUrl,
    root,
    look: async (what) => (await fetch(`${root}/__simulator/${what}`)).json(),
    close: async () => {
      child.kill();
      await once(child, "close");
    },
  };
}
