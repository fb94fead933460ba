// Weighs what a page loads, and fails when the default import has grown above its limit. Run after a build: `npm run size`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
import { main, root, SetupError } from "./setup.mjs";

/**
 * What the first import in a page may cost, wasm and JavaScript together: bytes in brotli. With it come checks, prices and questions; what
 * makes jobs and waits for them, other providers, files and callbacks are fetched when they are asked for.
 */
const LIMIT = 40_000;

/** And all that a page loads for its first job. */
const WITH_A_JOB = 67_000;

/** The least that someone would write. */
const PROGRAM = `import { createClient } from "./index.js"; console.log(await createClient().generate({ model: "ray-2", prompt: "A tiger" }));`;

const dist = (path) => join(root, "dist", path);
const read = (path) => readFileSync(dist(path)); // a whole entry: the build gives each one file that imports no other

await main(async () => {
  if (!existsSync(dist("index.js"))) throw new SetupError('There is no dist/ to weigh: run "npm run build" first.');

  const rows = {
    "luma-edge, as imported": measure(read("index.js")),
    "luma-edge, bundled in a program": measure(await bundled(PROGRAM)),
    "its second half, with the first job": measure(read("second.js")),
    "luma-edge/slim": measure(read("slim.js")),
    "luma-edge/module.wasm": measure(read("module.wasm")),
    "luma-edge in a Worker, with its wasm": sum(measure(read("workerd.js")), measure(read("module.wasm"))),
    "the other providers, on demand": measure(read("providers/inline.js")),
    "files in requests, on demand": measure(read("media.js")),
    "luma-edge/callbacks": measure(read("callbacks.js")),
    "luma-edge/stores": measure(read("stores/index.js")),
    "luma-edge/simulator": measure(read("simulator/index.js")),
    "luma-edge/simulator.wasm": measure(read("simulator.wasm")),
  };
  print(rows);

  const { brotli } = rows["luma-edge, as imported"];
  const whole = brotli + rows["its second half, with the first job"].brotli;
  if (brotli > LIMIT) throw new SetupError(`The default import is ${kB(brotli)} kB in brotli; at most ${kB(LIMIT)} kB is allowed.`);
  if (whole > WITH_A_JOB) throw new SetupError(`What makes jobs is ${kB(whole)} kB in brotli, import and all; at most ${kB(WITH_A_JOB)} kB is allowed.`);
  console.log(`\nThe default import is ${kB(brotli)} kB in brotli, within its ${kB(LIMIT)} kB; with a job ${kB(whole)}, within ${kB(WITH_A_JOB)}.`);
});

function measure(content) {
  return { raw: content.length, gzip: gzipSync(content, { level: 9 }).length, brotli: brotliCompressSync(content).length };
}

function sum(a, b) {
  return { raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli };
}

/** What a bundler that splits gives a page to begin with. */
async function bundled(program) {
  const { outputFiles, metafile } = await bundle({
    stdin: { contents: program, resolveDir: join(root, "dist") },
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    outdir: root,
    metafile: true,
    write: false,
  });
  // The entry and what it imports at once; what it imports later is for later.
  const wanted = new Set();
  const want = (path) => {
    if (wanted.has(path)) return;
    wanted.add(path);
    for (const { path: next, kind } of metafile.outputs[path].imports) if (kind === "import-statement") want(next);
  };
  want(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint));
  return Buffer.concat(outputFiles.filter(({ path }) => [...wanted].some((name) => path.endsWith(name))).map(({ contents }) => contents));
}

function print(rows) {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  const line = (name, ...cells) => console.log([name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join(" "));
  line("kB (1000 bytes)", "raw", "gzip -9", "brotli 11");
  for (const [name, { raw, gzip, brotli }] of Object.entries(rows)) line(name, kB(raw), kB(gzip), kB(brotli));
}

function kB(bytes) {
  return (bytes / 1000).toFixed(1);
}
