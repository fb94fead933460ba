// Where a runtime refuses WebAssembly that comes as bytes, the package says what to do; where the advice was taken, it works.

import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { install } from "./installed.mjs";
import { runPage, serve } from "./pages.mjs";
import { startWorker } from "./workers.mjs";

const ADVICE =
  /^internal: This runtime does not compile WebAssembly from bytes.*'wasm-unsafe-eval'.*"luma-edge\/slim".*serverExternalPackages/;

/** Tells whether the wasm could be compiled: nothing is sent. */
const trial = (load) => `${load}
  const trial = async () => {
    const client = createClient({ apiKey: "luma-any-key-will-do" });
    return client.validate({ model: "ray-2", prompt: "A tiger" }).then(JSON.stringify, ({ code, message }) => code + ": " + message);
  };`;

let installed, browser;
before(async () => {
  const { env } = await setup({ test: true });
  process.env.PATH = env.PATH;
  installed = await install();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await installed?.remove();
});

const policies = {
  "script-src 'self'": ADVICE,
  "script-src 'self' 'wasm-unsafe-eval'": /^\[\]$/,
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'": /^\[\]$/,
};
for (const [policy, expected] of Object.entries(policies)) {
  test(`a page with the policy ${policy}`, async () => {
    const folder = await installed.program(`page ${policy}`, {
      "index.html": '<!doctype html><script type="module" src="./main.js"></script>',
      "main.js": `${trial('import { createClient } from "/node_modules/luma-edge/dist/entries/index.js";')} globalThis.outcome = trial();`,
    });
    const site = await serve(installed.folder, { "content-security-policy": policy });
    try {
      const { outcome } = await runPage(browser, `${site.origin}/${relative(installed.folder, folder)}/index.html`);
      assert.match(outcome, expected);
    } finally {
      site.stop();
    }
  });
}

// OpenNext lets Next choose the entry, with the conditions of Node, and then runs what was chosen in workerd.
const chosen = {
  "for workerd": [["workerd", "worker", "browser"], /^\[\]$/],
  "for Node": [["node", "import"], ADVICE],
};
for (const [name, [conditions, expected]] of Object.entries(chosen)) {
  test(`a Worker bundled with the conditions ${name}`, async () => {
    const source = `${trial('import { createClient } from "luma-edge";')} export default { fetch: async () => new Response(await trial()) };`;
    const folder = await installed.program(`worker ${name}`, { "worker.js": source });
    const { get, stop } = await startWorker(join(folder, "worker.js"), { conditions });
    try {
      assert.match(await (await get("/")).text(), expected);
    } finally {
      await stop();
    }
  });
}
