// Builds the npm package: two wasm modules out of the Rust, then dist/ out of npm/. A wasm that is up to date is kept.
//
//   target/wasm/<name>/pkg           what wasm-pack gives: the wasm, its glue, and their types
//   target/wasm/<name>/module.wasm   the wasm, optimised
//   target/wasm/<name>/text.js       the same as text, in a JavaScript module
//   target/wasm/<name>/glue.js       its JavaScript side, as a function that makes one for each instance
//   dist/                            what package.json exports, ready for `npm pack`

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main, root, SetupError, setup } from "./setup.mjs";

/** Each wasm: the folder it is built in, the features of the crate that it is made of, the file that it ships as. */
const MODULES = [
  { name: "client", features: ["web"], ships: "module.wasm" },
  { name: "simulator", features: ["simulator-web"], ships: "simulator.wasm" },
];

/** By name what every runtime of the last years reads: "all" would let a newer Binaryen write what a runtime cannot read yet. */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "nontrapping-float-to-int",
  "sign-ext",
  "mutable-globals",
  "reference-types",
  "multivalue",
];

/** Each pays: with `-Oz` alone the client's wasm is 4 % larger in brotli. */
const WASM_OPT = [
  ...["--flatten", "--rereloop", "-Oz", "-Oz"],
  "--low-memory-unused", // the first kB is the far end of the stack
  "--skip-pass=memory-packing", // gaps in the data compress to nothing, the address of each piece between them does not
  // Repeated pieces compress better than fewer bytes do.
  ...["--one-caller-inline-max-function-size=30", "--always-inline-max-function-size=4"],
  ...["--skip-pass=local-cse", "--skip-pass=simplify-locals"],
  ...["--mvp-features", ...FEATURES.map((feature) => `--enable-${feature}`)],
  ...["--strip-debug", "--strip-producers", "--strip-target-features"],
];

/** Files of dist/ beside the entries, which these import when they need them. */
const PARTS = ["wasm/client.js", "media/media.js", "generated/capabilities.js"];

/** Builds what is out of date, and returns the environment that set-up found. */
export async function build(options) {
  const ready = await setup(options);
  for (const module of MODULES) await buildWasm(module, ready.env);
  await buildPackage(ready.env);
  return ready;
}

async function buildWasm({ name, features }, env) {
  const folder = join(root, "target/wasm", name);
  const file = (path) => join(folder, path);
  const stamp = await fingerprint(["src", "Cargo.toml", "Cargo.lock", "package-lock.json", "scripts/build.mjs"]);
  if (existsSync(file("stamp")) && (await readFile(file("stamp"), "utf8")) === stamp) return;

  console.log(`\n> Building the ${name}'s wasm`);
  await rm(folder, { recursive: true, force: true });
  // Target "bundler": its glue neither loads the wasm nor knows where it is, which is ours to decide.
  const crate = join(root, "src/module");
  const wasmPack = ["build", "--target", "bundler", "--no-pack", "--release", "--mode", "no-install"];
  run("wasm-pack", [...wasmPack, "--out-dir", file("pkg"), "--out-name", name, crate, "--", "--features", features.join()], {
    ...env,
    CARGO_ENCODED_RUSTFLAGS: await rustFlags(env),
  });
  run("wasm-opt", [file(`pkg/${name}_bg.wasm`), ...WASM_OPT, "--output", file("module.wasm")], env);
  const wasm = await readFile(file("module.wasm"));
  // Zopfli writes what any inflate reads, 5 % shorter than zlib does.
  const { deflateAsync } = await import("@gfx/zopfli");
  const text = Buffer.from(await deflateAsync(wasm, { numiterations: 15 })).toString("base64");
  await writeFile(file("text.js"), `export default "${text}";\n`);
  await writeGlue(file(`pkg/${name}_bg.js`), file("glue.js"));
  await writeFile(
    file("glue.d.ts"),
    `export function createGlue(): typeof import("./pkg/${name}.js") & { __wbg_set_wasm(exports: object): void };\n`,
  );
  await writeFile(file("stamp"), stamp);
}

/** The caller's own flags, and those that keep the builder's folders out of the wasm: a panic holds the path of its source. */
async function rustFlags({ CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS = "", CARGO_HOME = join(homedir(), ".cargo") }) {
  const given = CARGO_ENCODED_RUSTFLAGS?.split("\x1f") ?? RUSTFLAGS.split(/\s+/);
  // One folder a registry, named by its host. Where several fit, the last one counts.
  const sources = join(CARGO_HOME, "registry", "src");
  const registries = await readdir(sources).catch(() => []);
  const folders = { [homedir()]: "~", ...Object.fromEntries(registries.map((name) => [join(sources, name), "crates"])) };
  const remaps = Object.entries(folders).map(([folder, name]) => `--remap-path-prefix=${folder}=${name}`);
  return [...given.filter(Boolean), ...remaps].join("\x1f");
}

/** The glue is a module, of which there is one, and keeps the state of one instance: here it becomes a function that makes one for each. */
async function writeGlue(entry, outfile) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "iife",
    globalName: "glue",
    sourcemap: "inline",
    banner: { js: "export function createGlue() {" },
    footer: { js: "return glue;\n}" },
  });
}

/** Declarations by tsc; and one self-contained file for each entry, so that a page makes one request and no two entries share state. */
async function buildPackage(env) {
  const { build } = await import("esbuild");
  const dist = join(root, "dist");
  await rm(dist, { recursive: true, force: true });
  run("tsc", ["--project", root], env);
  run("tsc", ["--project", join(root, "worker")], env); // knows the declarations above
  await keepPublicDeclarations(dist);
  const files = await packageFiles(".js");
  const workers = files.filter((path) => path.startsWith("worker/"));
  const entries = files.filter((path) => !workers.includes(path));
  await build({
    entryPoints: [...entries, ...PARTS].map((path) => join(root, "npm", path.replace(/\.js$/, ".ts"))),
    outdir: dist,
    outbase: join(root, "npm"),
    bundle: true,
    format: "esm",
    target: "es2022",
    sourcemap: true,
    // The wasm is a file of its own, as text too; a program of Node's uses the package as anyone does.
    external: ["*.wasm", "*.wasm?module", "*-text.js", "node:*", "luma-edge", "luma-edge/*", ...PARTS.map((path) => `../${path}`)],
    logLevel: "warning",
  });
  // Their framework is inside, so that the package depends on nothing.
  for (const path of workers) await build(workerEntry(path));
  for (const { name, ships } of MODULES) {
    await cp(join(root, "target/wasm", name, "module.wasm"), join(dist, ships));
    await cp(join(root, "target/wasm", name, "text.js"), join(dist, `wasm/${name}-text.js`));
  }
  console.log(`Built dist/: ${[...entries, ...workers].join(", ")}`);
}

/** How the Worker is bundled, and the proxy alone, where something else takes the place of Cloudflare's runtime. */
function workerEntry(path) {
  const isWorker = path === "worker/index.js";
  return {
    entryPoints: [join(root, path.replace(/^worker\/(.*)\.js$/, "worker/src/$1.ts"))],
    outfile: join(root, "dist", path),
    bundle: true,
    format: "esm",
    target: "es2022",
    sourcemap: true,
    external: ["luma-edge", "luma-edge/*", ...(isWorker ? ["cloudflare:*"] : [])],
    ...(!isWorker && { alias: { "cloudflare:workers": join(root, "worker/src/process/durable-object.ts") } }),
    logLevel: "warning",
  };
}

/** Deletes the declarations that no entry's lead to: they are of our own insides, down to the glue, which is not shipped. */
async function keepPublicDeclarations(dist) {
  const kept = new Set((await packageFiles(".d.ts")).map((path) => join(dist, path)));
  for (const file of kept) {
    for (const [, path] of (await readFile(file, "utf8")).matchAll(/"(\.[^"]+)\.js"/g)) kept.add(join(file, "..", `${path}.d.ts`));
  }
  for (const path of await readdir(dist, { recursive: true })) {
    if (path.endsWith(".d.ts") && !kept.has(join(dist, path))) await rm(join(dist, path));
  }
}

/** The files with that ending that package.json names, as paths inside dist/. */
async function packageFiles(ending) {
  const { exports, bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const named = [...JSON.stringify([exports, bin]).matchAll(/"\.?\/?dist\/([^"]+)"/g)].map(([, path]) => path);
  return [...new Set(named)].filter((path) => path.endsWith(ending)).sort();
}

/** A hash over the contents of files and folders. */
async function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const full = join(root, path);
    const files = (await stat(full)).isDirectory()
      ? (await readdir(full, { recursive: true })).sort().map((file) => join(full, file))
      : [full];
    for (const file of files) {
      if ((await stat(file)).isFile())
        hash
          .update(file)
          .update("\0")
          .update(await readFile(file))
          .update("\0");
    }
  }
  return hash.digest("hex");
}

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (status !== 0) throw new SetupError(`${command} failed${error ? `: ${error.message}` : ""}; what it said is above.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(() => build());
