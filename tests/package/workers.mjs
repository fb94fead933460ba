// Runs a program in workerd, the runtime of Cloudflare Workers, bundled the way that wrangler does.

import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { build } from "esbuild";

/** The conditions of an exports map that wrangler takes. */
const WORKER_CONDITIONS = ["workerd", "worker", "browser"];

/** How long an answer may take, in ms. */
const PATIENCE = 45_000;

/**
 * Bundles a Worker, into dist/ beside it, and starts it in workerd.
 * @param {object} options
 * @param {string[]} [options.conditions] what the bundler looks for in an exports map
 * @param {string[]} [options.flags] compatibility flags
 * @param {Record<string, string>} [options.bindings] texts
 * @param {Record<string, string>} [options.kv] KV namespaces, each with the script of a Worker that answers as KV's servers do:
 *   workerd brings the binding, not the servers
 * @param {Record<string, string>} [options.objects] Durable Objects, each with its class; their storage is in the folder objects/
 *   beside the Worker, and is there again when it is started again
 * @returns {Promise<{ get(path: string, patience?: number): Promise<Response>, abandon(path: string, after: number): Promise<void>,
 *   errors: string[], stop(signal?: string): Promise<void> }>}
 *   how to ask the Worker, how to ask it and be gone after so many ms, what it has said on its console up to now, and what ends it
 */
export async function startWorker(entry, { conditions = WORKER_CONDITIONS, flags = [], bindings = {}, kv = {}, objects = {} } = {}) {
  const out = join(dirname(entry), "dist");
  await mkdir(out, { recursive: true });
  await mkdir(join(dirname(entry), "objects"), { recursive: true });
  await build({
    entryPoints: { main: entry },
    outdir: out,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["main"],
    conditions,
    loader: { ".wasm": "copy" }, // beside the bundle, imported from it: workerd compiles it ahead
    assetNames: "[name]",
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  for (const [name, script] of Object.entries(kv)) await writeFile(join(out, `${name}.kv.js`), script);
  await writeFile(join(out, "config.capnp"), config(await readdir(out), { flags, bindings, kv, objects }));

  const child = spawn("workerd", ["serve", "config.capnp", "--control-fd=3"], { cwd: out, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const errors = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => errors.push(String(chunk)));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const stop = async (signal) => {
    child.kill(signal);
    await ended;
  };
  for await (const line of createInterface(child.stdio[3])) {
    const { event, port } = JSON.parse(line);
    if (event !== "listen") continue;
    const get = (path, patience = PATIENCE) => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(patience) });
    // By a reset: of a client that only ends its connection workerd keeps the request, with its fetches and timers.
    const abandon = async (path, after) => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
      await setTimeout(after);
      socket.resetAndDestroy();
    };
    return { get, abandon, errors, stop };
  }
  throw new Error(`workerd did not start: ${errors.join("")}`);
}

/** The Worker may reach this machine and nothing else. */
function config(files, { flags, bindings, kv, objects }) {
  const modules = files.filter((name) => name.endsWith(".wasm")).map((name) => `(name = "./${name}", wasm = embed "${name}")`);
  const bound = [
    ...Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = "${text}")`),
    ...Object.keys(kv).map((name) => `(name = "${name}", kvNamespace = "${name}")`),
    ...Object.entries(objects).map(([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`),
  ];
  const servers = Object.keys(kv).map(
    (name) =>
      `(name = "${name}", worker = (modules = [(name = "kv.js", esModule = embed "${name}.kv.js")], compatibilityDate = "2026-01-01")),`,
  );
  const classes = Object.values(objects).map((className) => `(className = "${className}", uniqueKey = "${className}", enableSql = true)`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${['(name = "main.js", esModule = embed "main.js")', ...modules].join(", ")}],
      bindings = [${bound.join(", ")}],
      durableObjectNamespaces = [${classes.join(", ")}],
      durableObjectStorage = (localDisk = "objects"),
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ${JSON.stringify(flags)},
    )),
    ${servers.join("\n    ")}
    (name = "objects", disk = (path = "../objects", writable = true)),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}
