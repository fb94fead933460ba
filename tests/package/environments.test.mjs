// The packed package in each environment that people use: a small program makes a video and an image against the
// simulator, over HTTP, and says nothing on the console. A new environment is a line in the table.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import * as esbuild from "esbuild";
import * as vite from "vite";
import { setup } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { runCommand } from "./commands.mjs";
import { install, simulate } from "./installed.mjs";
import { runPage, serve } from "./pages.mjs";
import { startWorker } from "./workers.mjs";

const IMPORT = 'import * as luma from "luma-edge"; import * as simulator from "luma-edge/simulator";';
const REQUIRE = 'const luma = require("luma-edge"); const simulator = require("luma-edge/simulator");';
const BY_ADDRESS = IMPORT.replace('"luma-edge"', '"/node_modules/luma-edge/dist/entries/index.js"').replace(
  '"luma-edge/simulator"',
  '"/node_modules/luma-edge/dist/entries/simulator.js"',
);
const slim = (load) => load.replace('"luma-edge"', '"luma-edge/slim"').replace("dist/entries/index.js", "dist/entries/slim.js");
const eager = (load) => load.replace('"luma-edge"', '"luma-edge/eager"').replace("dist/entries/index.js", "dist/entries/eager.js");
const WITH_FILE =
  'import { readFile } from "node:fs/promises"; luma.init(readFile(new URL(import.meta.resolve("luma-edge/module.wasm"))));';
const WITH_FETCH = 'luma.init(fetch("/node_modules/luma-edge/dist/module.wasm"));';
const WITH_MODULE = 'import wasm from "luma-edge/module.wasm"; luma.init(wasm);';

const environments = {
  "Node, import": command(IMPORT, ["node", "main.js"]),
  "Node, require": command(REQUIRE, ["node", "main.cjs"]),
  "Node, eager": command(eager(IMPORT), ["node", "main.js"]),
  "Node, slim with the wasm from a file": command(slim(IMPORT) + WITH_FILE, ["node", "main.js"]),
  "Node, bundled by esbuild as CommonJS": command(
    IMPORT,
    ["node", "dist/main.cjs"],
    bundle({ platform: "node", outfile: "dist/main.cjs" }),
  ),
  Deno: command(IMPORT, ["deno", "run", "--allow-net", "--allow-env", "main.js"]),
  Bun: command(IMPORT, ["bun", "main.js"]),
  "Bun, bundled by itself": command(IMPORT, ["bun", "dist/main.js"], (folder) =>
    runCommand(folder, ["bun", "build", "--outdir=dist", "main.js"]),
  ),
  "a page without a bundler": page(BY_ADDRESS),
  "a page without a bundler, eager": page(eager(BY_ADDRESS)),
  "a page without a bundler, slim": page(slim(BY_ADDRESS) + WITH_FETCH),
  "a page bundled by esbuild": page(IMPORT, bundle({ format: "esm", outfile: "dist/main.js" })),
  "a page bundled by esbuild in pieces": page(IMPORT, bundle({ format: "esm", splitting: true, outdir: "dist" })),
  "a page bundled by Vite": page(IMPORT, (folder) => vite.build(viteConfig(folder))),
  "a page of Vite's development server": developmentPage(IMPORT),
  workerd: worker(IMPORT),
  "workerd, slim with an imported wasm": worker(slim(IMPORT) + WITH_MODULE),
};

/** What the program tells when all went well. */
const COMPLETED = [
  "completed ray-2",
  "completed photon-flash-1",
  "completed ray-2",
  "completed agents",
  "completed useapi",
  "completed piapi",
  "image/jpeg",
];

let installed, provider, browser;
before(async () => {
  const { env } = await setup({ test: true });
  process.env.PATH = env.PATH;
  installed = await install();
  provider = await simulate(installed.folder);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await provider?.stop();
  await installed?.remove();
});

describe("environments", { concurrency: 4 }, () => {
  for (const [name, run] of Object.entries(environments)) {
    test(name, async () => {
      const { outcome, errors } = await run(name);
      assert.deepEqual(errors, []);
      assert.deepEqual(outcome, COMPLETED);
    });
  }
});

/** A program for a command line, which may be prepared by a build. */
function command(load, line, build) {
  const main = load === REQUIRE ? "main.cjs" : "main.js";
  const source = `${load}
    import("./program.js")
      .then(({ program }) => program({ ...luma, ...simulator }, process.env.BASE_URL))
      .then((outcome) => console.log(JSON.stringify(outcome)));`;
  return async (name) => {
    const folder = await installed.program(name, { [main]: source });
    await build?.(folder);
    const { output, errors } = await runCommand(folder, line, { BASE_URL: provider.baseUrl });
    return { outcome: JSON.parse(output), errors };
  };
}

/** A page as a file server gives it, which may be built into dist/ first. */
function page(load, build) {
  return async (name) => {
    const folder = await installed.program(name, pageFiles(load));
    await build?.(folder);
    if (build) await cp(join(folder, "index.html"), join(folder, "dist/index.html"), { force: false });
    const site = await serve(installed.folder);
    try {
      return await runPage(browser, withProvider(`${site.origin}/${relative(installed.folder, folder)}/${build ? "dist/" : ""}index.html`));
    } finally {
      site.stop();
    }
  };
}

function developmentPage(load) {
  return async (name) => {
    const server = await vite.createServer(viteConfig(await installed.program(name, pageFiles(load))));
    await server.listen();
    try {
      return await runPage(browser, withProvider(server.resolvedUrls.local[0]));
    } finally {
      await server.close();
    }
  };
}

const pageFiles = (load) => ({
  "index.html": '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  "main.js": `${load}
    import { program } from "./program.js";
    globalThis.outcome = program({ ...luma, ...simulator }, new URLSearchParams(location.search).get("baseUrl"));`,
});

const withProvider = (url) => `${url}?baseUrl=${encodeURIComponent(provider.baseUrl)}`;

function worker(load) {
  const source = `${load}
    import { program } from "./program.js";
    export default { fetch: async (request, env) => Response.json(await program({ ...luma, ...simulator }, env.BASE_URL)) };`;
  return async (name) => {
    const folder = await installed.program(name, { "worker.js": source });
    const { get, errors, stop } = await startWorker(join(folder, "worker.js"), { bindings: { BASE_URL: provider.baseUrl } });
    try {
      const answers = await Promise.all([1, 2, 3].map(() => get("/").then((response) => response.json())));
      assert.deepEqual(answers, [COMPLETED, COMPLETED, COMPLETED]);
      return { outcome: answers[0], errors };
    } finally {
      await stop();
    }
  };
}

function bundle(options) {
  return (folder) => esbuild.build({ entryPoints: ["main.js"], absWorkingDir: folder, bundle: true, logLevel: "error", ...options });
}

function viteConfig(folder) {
  return {
    root: folder,
    configFile: false,
    base: "./",
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, fs: { allow: [installed.folder] } },
  };
}
