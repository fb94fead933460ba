import { readlinkSync } from "node:fs";
import { open, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers"; // Deno's own give no timer that can be unref'd
import { codeOf, readIfThere, unless } from "./file-steps.js";

/** Where a process number means what it means here; undefined where that is not known. */
const HOST = host();

export interface Heartbeat {
  /** Settles when other processes can see it. */
  written: Promise<void>;
  /** Renews it, and tells whether it still stands. */
  renew(): Promise<boolean>;
  /** Whether another process has deleted it. */
  lost(): boolean;
  end(): Promise<void>;
}

/**
 * A heartbeat: a file that says until when its process may be thought alive, renewed in time. Another process that finds it
 * expired deletes it, and from then on it is lost for good.
 */
export function createHeartbeat(path: string, duration: number): Heartbeat {
  let lost = false;
  let renewing: Promise<void> | undefined;
  const next = () => JSON.stringify({ pid: process.pid, host: HOST, end: Date.now() + duration });
  const lose = () => {
    lost = true;
    clearInterval(timer);
  };

  async function write() {
    // Into the open file, not into a new one of the same name: a file that was moved aside meanwhile stays there.
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

  async function renew() {
    if (!lost) await (renewing ??= write().finally(() => (renewing = undefined)));
    return !lost;
  }

  const timer = setInterval(() => renew().catch(() => {}), duration / 3);
  timer.unref(); // a heartbeat does not keep a program from ending
  const written = writeFile(path, next(), { flag: "wx", mode: 0o600 });
  written.catch(() => {});

  return {
    written,
    renew,
    lost: () => lost,
    async end() {
      lose();
      await renewing?.catch(() => {});
      await rm(path, { force: true });
    },
  };
}

/** Whether a heartbeat with this content stands for a process that may still be at work, perhaps `grace` ms after its end. */
export function isAlive(content: string, grace = 0): boolean {
  try {
    const { pid, host, end } = JSON.parse(content);
    return end + grace > Date.now() && !(HOST && host === HOST && hasEnded(pid));
  } catch {
    return false;
  }
}

function hasEnded(pid: number) {
  try {
    process.kill(pid, 0); // only asks: signal 0 does nothing
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function host(): string | undefined {
  // Deno would ask its user for permission to read the machine's name, and whether another process may be looked for.
  if (process.versions.deno) return undefined;
  try {
    // On Linux containers may have one name and yet number their processes each for itself.
    return `${hostname()} ${process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : ""}`;
  } catch {
    return undefined;
  }
}
