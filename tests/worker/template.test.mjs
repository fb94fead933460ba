// The project that the Deploy button and the README begin with: the Worker of this repository, its settings, and a word on each.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { startOwnSite } from "./site.mjs";

const worker = new URL("../../worker/", import.meta.url);
const read = (path) => readFile(new URL(path, worker), "utf8");

const settings = await read("wrangler.jsonc");
const variables = await read(".dev.vars.example");
const { dependencies, devDependencies, cloudflare } = JSON.parse(await read("template/package.json"));
const project = JSON.parse(await read("../package.json"));

/** Names at the beginning of a line, commented out or not. */
const secrets = [...variables.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);

let site;
before(async () => {
  site = await startOwnSite(await read("template/src/index.js"));
});
after(() => site?.stop());

test("it runs", async () => {
  assert.deepEqual((await site.call("/health")).json, { status: "ok", parts: { records: "ok", jobs: "ok", results: "ok" } });
});

test("its settings are the repository's: copy worker/wrangler.jsonc and worker/.dev.vars.example", async () => {
  const own = settings.replace('"../node_modules/', '"node_modules/').replace('"src/index.ts"', '"src/index.js"');
  assert.equal(await read("template/wrangler.jsonc"), own);
  assert.equal(await read("template/.dev.vars.example"), variables);
});

test("it takes this version of the package and of wrangler", () => {
  assert.equal(dependencies["luma-edge"], `^${project.version}`);
  assert.equal(devDependencies.wrangler, `^${project.devDependencies.wrangler}`);
});

test("each binding has a sentence in wrangler.jsonc, and each of them and of the secrets one for the Deploy button", async () => {
  const types = await read("worker-configuration.d.ts");
  const bound = [.../^interface __BaseEnv_Env \{(.*?)^\}/ms.exec(types)[1].matchAll(/^\t(\w+):/gm)].map(([, name]) => name);
  assert.ok(bound.length > 5);
  const lines = settings.split("\n");
  for (const name of bound) {
    const line = lines.findIndex((line) => line.includes(`"${name}"`));
    assert.match(lines[line - 1], /^\s*\/\/ .*\.$/, `${name} has a sentence above it`);
  }
  const onDeploy = secrets.filter((name) => name !== "UPSTREAMS");
  assert.deepEqual(Object.keys(cloudflare.bindings).sort(), [...bound, ...onDeploy].sort());
  for (const [name, { description }] of Object.entries(cloudflare.bindings)) assert.match(description, /\.$/, name);
});

test("whatever the Worker reads is in wrangler.jsonc or in .dev.vars.example", async () => {
  const [, body] = /^export interface Env \{(.*?)^\}/ms.exec(await read("src/env.ts"));
  const names = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  assert.ok(names.includes("ACCOUNT") && names.includes("ADMIN_SHA256") && names.includes("PUBLIC_NETWORK"));
  const noSettings = ["PUBLIC_NETWORK", "FORGETS"]; // which `npm run worker` and the tests bind, and the proxy of a process
  for (const name of names.filter((name) => !noSettings.includes(name)))
    assert.ok(settings.includes(`"${name}"`) || secrets.includes(name), name);
});
