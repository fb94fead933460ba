// The samples of README.md and docs/, run as a reader would run them, with a simulator in the place of the network.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { programsOfDocuments } from "../documents.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What a reader has set: a key of each provider. */
const KEYS = {
  LUMA_API_KEY: "luma-a-key",
  LUMA_AGENTS_API_KEY: "luma-api-a-key",
  USEAPI_TOKEN: "user:12345-a-key",
  PIAPI_KEY: "a-key",
};
const SIMULATED = new URL("simulated.mjs", import.meta.url);

const programs = await programsOfDocuments();

const original = { fetch: globalThis.fetch, log: console.log, folder: process.cwd() };
let folder;
before(async () => {
  globalThis.fetch = () => assert.fail("no real host is asked");
  console.log = () => {};
  Object.assign(process.env, KEYS);
  folder = await mkdtemp(join(tmpdir(), "luma-edge-samples-"));
  process.chdir(folder); // a sample may write a file
});
after(async () => {
  globalThis.fetch = original.fetch;
  console.log = original.log;
  process.chdir(original.folder);
  await rm(folder, { recursive: true });
});

for (const { place, code, run } of programs) {
  test(`${place} ${run ? "runs" : "parses"}`, async () => {
    await transform(code, { loader: "js", format: "esm" });
    if (run) await load(place, code);
  });
}

test("the Worker of the README takes a prompt, tells of the video, and tells what is wrong", async () => {
  const { place, code } = programs.find(({ code }) => code.includes("export default"));
  const { default: worker } = await load(place, code);
  const ask = async (path, init) => {
    const response = await worker.fetch(new Request(`https://worker.example${path}`, init), KEYS);
    return [response.status, response.headers.get("content-type") === "application/json" ? await response.json() : undefined];
  };
  const post = (body) => ask("/videos", { method: "POST", body: JSON.stringify(body) });
  const [accepted, { id, state }] = await post({ prompt: "A tiger walking in snow" });
  assert.deepEqual([accepted, state], [202, "queued"]);
  assert.deepEqual((await ask(`/videos/${id}`))[1].id, id);
  const [refused, { code: why }] = await post({ prompt: "" });
  assert.deepEqual([refused, why], [400, "invalid_request"]);
  assert.equal((await ask("/elsewhere"))[0], 404);
  assert.deepEqual([(await ask("/videos/no-such-video"))[0], (await ask("/videos", { method: "POST", body: "{broken" }))[0]], [404, 400]);
});

/** Runs a program as a module of this package, for which `luma-edge` is its own name. */
async function load(place, code) {
  const samples = join(root, "target/samples");
  await mkdir(samples, { recursive: true });
  const file = join(samples, `${place.replaceAll(/\W+/g, "-")}.mjs`);
  // Its own simulator for each program, under an address of its own; read anew even when it has been run before.
  const simulated = `${relative(samples, fileURLToPath(SIMULATED)).replaceAll("\\", "/")}?${encodeURIComponent(place)}`;
  await writeFile(file, code.replaceAll(/from "luma-edge";/g, `from ${JSON.stringify(simulated)};`));
  return import(`${pathToFileURL(file)}?${Math.random()}`);
}
