// How the wasm comes into a page and a Service Worker of Chromium, where import() is not allowed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { serveSite } from "./served.mjs";

const SPEED = 60;

/** A Service Worker that makes a video for whoever fetches /make, and tells how it ended. */
const worker = (entry) => `
  import { createClient } from "${entry}";
  const start = Date.now();
  const clock = {
    now: () => start + (Date.now() - start) * ${SPEED},
    sleep: (ms) => new Promise((resolve) => ms < Infinity && setTimeout(resolve, ms / ${SPEED})),
  };
  const client = createClient({ provider: "dream-machine", baseUrl: location.origin + "/luma", clock });
  const make = async (prompt) => {
    try {
      const { state } = await client.generate({ model: "ray-flash-2", prompt, keyframes: { frame0: "https://files.example/tiger.png" } });
      const { provider } = await client.capabilities();
      const problems = await client.validate({ prompt, keyframes: { frame0: new Blob(["not a picture"]) } });
      return { state, provider, problems: problems.map(({ path }) => path) };
    } catch ({ code, message }) {
      return { code, message };
    }
  };
  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("fetch", (event) => {
    const { pathname, searchParams } = new URL(event.request.url);
    if (pathname === "/make") event.respondWith(make(searchParams.get("prompt")).then(Response.json));
  });`;

async function bundled(entry, format) {
  const { outputFiles } = await build({
    stdin: { contents: worker(entry), resolveDir: root },
    bundle: true,
    minify: true,
    format,
    write: false,
  });
  return outputFiles[0].text;
}

const MADE = { state: "completed", provider: "dream-machine", problems: ["keyframes.frame0"] };

let browser, site;
before(async () => {
  browser = await launch();
  const scripts = {
    "/eager.js": worker("/dist/entries/eager.js"),
    "/eager-bundled.js": await bundled("luma-edge/eager", "esm"),
    "/eager-classic.js": await bundled("luma-edge/eager", "iife"),
    "/default-classic.js": await bundled("luma-edge", "iife"),
    "/default.js": worker("/dist/entries/index.js"),
  };
  site = await serveSite({ speed: SPEED, scripts });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** What a Service Worker with that script makes of a prompt. */
async function madeBy(script, type, prompt) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.origin);
  const made = await page.evaluate(
    async ({ script, type, prompt }) => {
      const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
      await navigator.serviceWorker.register(script, { type });
      await controlled;
      return (await fetch(`/make?prompt=${encodeURIComponent(prompt)}`)).json();
    },
    { script, type, prompt },
  );
  await context.close();
  return made;
}

const jobs = async (prompt) => (await site.simulator.generations()).filter(({ request }) => request.prompt === prompt).length;

for (const [name, script, type] of [
  ["luma-edge/eager as it is", "/eager.js", "module"],
  ["luma-edge/eager in a bundle", "/eager-bundled.js", "module"],
  ["luma-edge/eager in a classic script", "/eager-classic.js", "classic"],
  ["luma-edge bundled into one classic script", "/default-classic.js", "classic"],
]) {
  test(`a Service Worker makes a video with ${name}`, async () => {
    const prompt = `A tiger by ${name}`;
    assert.deepEqual(await madeBy(script, type, prompt), MADE);
    assert.equal(await jobs(prompt), 1);
  });
}

test("in a Service Worker, luma-edge sends nothing and names the entry to import", async () => {
  const { code, message } = await madeBy("/default.js", "module", "A tiger in vain");
  assert.equal(code, "network");
  assert.match(message, /nothing was sent \(.*import "luma-edge\/eager"/);
  assert.equal(await jobs("A tiger in vain"), 0);
});

for (const part of ["client.js", "client-text.js"]) {
  test(`a page whose network failed while it loaded ${part} works with the next call`, async () => {
    const page = await browser.newPage();
    await page.route(`**/dist/wasm/${part}`, (route) => route.abort(), { times: 1 });
    await page.goto(site.origin);
    const outcomes = await page.evaluate(async () => {
      const { createClient, preload } = await import("/dist/entries/index.js");
      const { credits } = createClient({ provider: "dream-machine", baseUrl: "/luma" });
      const outcome = ({ code }) => code ?? "answered";
      return [await credits().catch(outcome), await credits().then(outcome, outcome), await preload().then(() => "ready", outcome)];
    });
    assert.deepEqual(outcomes, ["network", "answered", "ready"]);
    await page.close();
  });
}
