import { readlinkSync } from "node:fs";
import { open, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers"; // Deno's own give no timer that can be unref'd
import { readIfThere, unless } from "./shared-files.js";

/** Where a process number means what it means here; undefined where that is not known. */
const HOST = host();

/**
 * A sign of life: a file that says until when its process may be thought alive, renewed in time. Another process that finds it
 * ended deletes it, and with that it is lost for good.
 */
export function createSign(path, duration) {
  let lost = false;
  let renewing;
  const next = () => JSON.stringify({ pid: process.pid, host: HOST, end: Date.now() + duration });
  const lose = () => {
    lost = true;
    clearInterval(timer);
  };

  async function write() {
    // In the file itself, not in one of the same name: what was moved aside meanwhile stays there.
    const file = await open(path, "r+").catch(unless("ENOENT"));
    if (!file) return lose();
    const content = next(); // always of one length
    try {
      await file.write(content, 0);
    } finally {
      await file.close();
    }
    if ((await readIfThere(path)) !== content) lose();
  }

  /** Tells whether it lives on. */
  async function renew() {
    if (!lost) await (renewing ??= write().finally(() => (renewing = undefined)));
    return !lost;
  }

  const timer = setInterval(() => renew().catch(() => {}), duration / 3);
  timer.unref(); // a job that is only watched over keeps no program from ending
  const shown = writeFile(path, next(), { flag: "wx", mode: 0o600 });
  shown.catch(() => {});

  return {
    /** Settles when others can see it. */
    shown,
    renew,
    lost: () => lost,
    async end() {
      lose();
      await renewing?.catch(() => {});
      await rm(path, { force: true });
    },
  };
}

/** Whether a sign with this content stands for a process that may still be at work. */
export function isAlive(content) {
  try {
    const { pid, host, end } = JSON.parse(content);
    return end > Date.now() && !(HOST && host === HOST && hasEnded(pid));
  } catch {
    return false;
  }
}

function hasEnded(pid) {
  try {
    process.kill(pid, 0); // asks, and does nothing
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function host() {
  // Deno would ask its user whether the machine's name may be told, and whether another process may be looked for.
  if (process.versions.deno) return undefined;
  try {
    // On Linux containers may have one name and yet number their processes each for itself.
    return `${hostname()} ${process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : ""}`;
  } catch {
    return undefined;
  }
}
