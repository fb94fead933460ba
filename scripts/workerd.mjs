// The process that holds workerd: what wrangler.jsonc says, through wrangler and miniflare, which want a newer Node than the rest of this
// project. It is given one line of JSON, says when it is ready, and ends with its standard input. Each further line names a Durable Object, by its class and
// its name, that leaves the memory as if it had been idle.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const root = fileURLToPath(new URL("..", import.meta.url));

const input = createInterface(process.stdin);
const { port, state, entry, env } = JSON.parse(await new Promise((resolve) => input.once("line", resolve)));
const { main, workerOptions } = unstable_getMiniflareWorkerOptions(join(root, "worker/wrangler.jsonc"));
const { BUDGET, ...given } = env;
const bindings = { ...workerOptions.bindings, ...given };
// Of each caller, beside its other limits.
if (BUDGET !== undefined) bindings.CALLER_LIMITS = { ...bindings.CALLER_LIMITS, usdPerDay: BUDGET, usdPerMonth: BUDGET };

// What Cloudflare's network is to a deployed Worker: a name that leads to this machine or its network is refused as the address itself.
const PUBLIC_NETWORK = { network: { allow: ["public"], tlsOptions: { trustBrowserCas: true } } };
const serviceBindings = { ...workerOptions.serviceBindings, PUBLIC_NETWORK };

// wrangler gives the options in miniflare's former words.
const options = convertV4MiniflareOptions({
  workers: [{ ...workerOptions, name: "luma-edge", modules: await modules(entry ?? main), bindings, serviceBindings }],
});
const miniflare = new Miniflare({
  ...options,
  host: "127.0.0.1",
  port,
  ...(state && { resourcePersistencePath: state }),
  handleStructuredLogs: ({ message }) => console.log(message),
});
console.log(`ready ${String(await miniflare.ready).replace(/\/$/, "")}`);
input.on("line", async (line) => {
  const [className, name] = line.split(" ");
  await miniflare.unsafeEvictDurableObject("luma-edge", className, { name });
  console.log(`evicted ${line}`);
});
input.once("close", stop);
process.once("SIGINT", stop).once("SIGTERM", stop);

function stop() {
  miniflare.dispose().then(() => process.exit(0));
}

/** The Worker in one file, as wrangler bundles it, with its wasm beside it. */
async function modules(entry) {
  const { outputFiles } = await build({
    entryPoints: { index: entry },
    outdir: "/worker",
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    write: false,
    logLevel: "warning",
  });
  return outputFiles
    .map(({ path, contents }) => {
      const name = path.replace(/^.*[\\/]/, "");
      return name.endsWith(".wasm")
        ? { type: "CompiledWasm", path: name, contents }
        : { type: "ESModule", path: name, contents: new TextDecoder().decode(contents) };
    })
    .sort(({ type }) => (type === "ESModule" ? -1 : 1));
}
