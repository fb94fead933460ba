// Weighs what a page loads, and fails above the limits. Run after a build: `npm run size`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
import { main, root, SetupError } from "./setup.mjs";

/**
 * Limits, in bytes of brotli: what `import "luma-edge"` loads; all that is loaded after the first call, as the package's own files and bundled
 * in one; an entry with its `.wasm`. The aims are 12, 120, 120 and 105 kB: lower a limit whenever the package has become smaller.
 */
const AT_IMPORT = 12_000;
const AFTER_FIRST_CALL = 137_000;
const IN_ONE_FILE = 141_500;
const WITH_WASM_FILE = 126_500;

/** The least that someone would write. */
const PROGRAM = `import { createClient } from "luma-edge"; console.log(await createClient().generate({ prompt: "A tiger" }));`;

const files = (...paths) => paths.map((path) => readFileSync(join(root, "dist", path)));

await main(async () => {
  if (!existsSync(join(root, "dist/entries/index.js"))) throw new SetupError('There is no dist/ to weigh: run "npm run build" first.');
  const pieces = await bundled({ splitting: true, outdir: "out" });
  const limited = [
    ["luma-edge, as imported", measure(files("entries/index.js")), AT_IMPORT],
    ["luma-edge, after the first call", measure(files("entries/index.js", "wasm/client.js", "wasm/client-text.js")), AFTER_FIRST_CALL],
    ["a program bundled in pieces, at import", measure(pieces.static), AT_IMPORT],
    ["a program bundled in pieces, after the first call", measure([...pieces.static, ...pieces.firstCall]), AFTER_FIRST_CALL],
    ["a program bundled in one file", measure((await bundled({ outfile: "out.js" })).static), IN_ONE_FILE],
    ["luma-edge in a Worker, with its .wasm", measure(files("entries/workerd.js", "module.wasm")), WITH_WASM_FILE],
    ["luma-edge in an edge function, with its .wasm", measure(files("entries/edge-light.js", "module.wasm")), WITH_WASM_FILE],
    ["luma-edge/slim, with its .wasm", measure(files("entries/slim.js", "module.wasm")), WITH_WASM_FILE],
  ];
  const others = [
    ["luma-edge/module.wasm", measure(files("module.wasm"))],
    [
      "luma-edge/eager, all of it",
      measure(files("entries/eager.js", "wasm/client.js", "wasm/client-text.js", "media/media.js", "generated/capabilities.js")),
    ],
    ["files in requests, on demand", measure(files("media/media.js"))],
    ["capabilities, on demand", measure(files("generated/capabilities.js"))],
    ["luma-edge/callbacks", measure(files("entries/callbacks.js"))],
    ["luma-edge/jobs", measure(files("entries/jobs.js"))],
    ["luma-edge/stores", measure(files("entries/stores.js"))],
    ["luma-edge/simulator", measure(files("entries/simulator.js", "wasm/simulator-text.js"))],
  ];
  print([...limited, ...others]);
  const heavy = limited.filter(([, { brotli }, limit]) => brotli > limit);
  if (heavy.length)
    throw new SetupError(
      heavy
        .map(([name, { brotli }, limit]) => `Too heavy: ${name} is ${kB(brotli)} kB in brotli; at most ${kB(limit)} kB is allowed.`)
        .join("\n"),
    );
  console.log("\nAll is within its limits.");
});

/** Each file is compressed by itself, as a server does it. */
function measure(contents) {
  const sum = (size) => contents.reduce((total, content) => total + size(content), 0);
  return {
    raw: sum((content) => content.length),
    gzip: sum((content) => gzipSync(content, { level: 9 }).length),
    brotli: sum((content) => brotliCompressSync(content).length),
  };
}

/** What a bundler makes of the program, minified: the files that are loaded at once, and those that the first call adds. */
async function bundled(options) {
  const { outputFiles, metafile } = await bundle({
    stdin: { contents: PROGRAM, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    absWorkingDir: root,
    metafile: true,
    write: false,
    ...options,
  });
  const contents = (paths) => [...paths].map((path) => outputFiles.find((file) => file.path === join(root, path)).contents);
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === "<stdin>");
  const wasm = Object.keys(metafile.outputs).filter((path) => /^dist\/wasm\//.test(metafile.outputs[path].entryPoint ?? ""));
  const atOnce = withImports([entry], metafile.outputs);
  return { static: contents(atOnce), firstCall: contents([...withImports(wasm, metafile.outputs)].filter((path) => !atOnce.has(path))) };
}

/** Files and what they import statically. */
function withImports(paths, outputs, seen = new Set()) {
  for (const path of paths) {
    if (seen.has(path)) continue;
    seen.add(path);
    const next = outputs[path].imports.filter(({ kind, external }) => kind === "import-statement" && !external);
    withImports(
      next.map(({ path }) => path),
      outputs,
      seen,
    );
  }
  return seen;
}

function print(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name, ...cells) => console.log([name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join(" "));
  line("kB (1000 bytes)", "raw", "gzip -9", "brotli 11", "limit");
  for (const [name, { raw, gzip, brotli }, limit] of rows) line(name, kB(raw), kB(gzip), kB(brotli), limit ? kB(limit) : "");
}

function kB(bytes) {
  return (bytes / 1000).toFixed(1);
}
