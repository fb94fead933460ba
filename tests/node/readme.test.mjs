// The samples of README.md and docs/, run as a reader would run them, with a simulator in the place of the network.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { fileStore } from "luma-edge/stores/node";
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
  for (const body of [null, "text", 7]) assert.equal((await post(body))[0], 400);
});

for (const { page, folder, kind, model, prompts } of [
  { page: "README.md", folder: "jobs", kind: "video", model: "ray-3.2", prompts: { tiger: "A tiger walking in snow" } },
  {
    page: "docs/batches.md",
    folder: "batch",
    kind: "image",
    model: "uni-1",
    prompts: { tiger: "A tiger walking in snow", bear: "A teddy bear in sunglasses", owl: "An owl in the rain" },
  },
]) {
  test(`the program of ${page} buys nothing twice, wherever it was ended`, async () => {
    const { place, code } = programs.find(({ place, code }) => place.startsWith(page) && code.includes("acknowledge"));
    const names = Object.keys(prompts);
    const file = (name) => join(process.cwd(), `${name}.${kind === "video" ? "mp4" : "jpg"}`);
    const forget = () => Promise.all([...names.map(file), folder].map((path) => rm(path, { recursive: true, force: true })));
    /** Made by the program itself; by one that ended before its jobs did; by one that ended before a file was saved, or was whole. */
    for (const before of ["nothing", "create", "generate", "half a file"]) {
      await forget();
      const where = `${place}?${before}`;
      const { createClient, simulator } = await import(simulatedFor(where));
      if (before !== "nothing") {
        const client = createClient({ provider: "agents", apiKey: KEYS.LUMA_AGENTS_API_KEY, store: fileStore(folder) });
        const [name] = names;
        await client[before === "create" ? "create" : "generate"]({ model, prompt: prompts[name] }, { label: name, keep: true });
        if (before === "half a file") await writeFile(file(name), "half");
      }
      for (let run = 1; run <= 2; run++) {
        await load(where, code);
        const { created } = await simulator.stats();
        assert.equal(created[kind], names.length, `${before}, run ${run}`);
        for (const name of names) assert.ok((await readFile(file(name))).length > 1000, `${before}, run ${run}: ${name}`);
      }
      const left = [...(await fileStore(folder).getAll())].filter(([key]) => key.startsWith("ticket:"));
      assert.deepEqual(left, [], before);
    }
    await forget();
  });
}

/** Runs a program as a module of this package, for which `luma-edge` is its own name. */
async function load(place, code) {
  const samples = join(root, "target/samples");
  await mkdir(samples, { recursive: true });
  const file = join(samples, `${place.replaceAll(/\W+/g, "-")}.mjs`);
  // Read anew even when it has been run before.
  await writeFile(file, code.replaceAll(/from "luma-edge";/g, `from ${JSON.stringify(simulatedFor(place))};`));
  return import(`${pathToFileURL(file)}?${Math.random()}`);
}

/** The address of `luma-edge` with a simulator of its own for each program. */
function simulatedFor(place) {
  return `${SIMULATED}?${encodeURIComponent(place)}`;
}
