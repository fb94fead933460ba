// Builds the npm package: three wasm modules out of the Rust, then dist/ out of npm/. A wasm that is up to date is kept.
//
//   target/wasm/<name>/pkg          what wasm-pack gives
//   target/wasm/<name>/trimmed.wasm the wasm without what never runs
//   target/wasm/<name>/module.wasm  the wasm, optimised and stripped
//   target/wasm/<name>/inline.js    the same as text, in a JavaScript module
//   target/wasm/<name>/glue.js      its JavaScript side, as a function that makes one for each instance
//   target/wasm/<name>/parted/      the same in two halves, where there are: first.js, second.js and the first one's glue.js
//   dist/                           what package.json exports, ready for `npm pack`

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main, root, setup, SetupError } from "./setup.mjs";
import { encode } from "./wasm-text.mjs";

/**
 * Each wasm: the folder it is built in, the features of the crate that it is made of, the file that it ships as. The client is
 * built twice, so that nobody loads the rules of providers that are not asked; and what a page does not need before its first job is
 * parted from it, by the functions of that name.
 */
const MODULES = [
  { name: "client", features: ["web", "dream-machine"], ships: "module.wasm", seam: /\bluma_edge::engine::second_half::/ },
  { name: "providers", features: ["web", "agents", "useapi", "piapi"], ships: "providers.wasm" },
  { name: "simulator", features: ["simulator-web", "dream-machine"], ships: "simulator.wasm" },
];

/**
 * What wasm-opt may use: what every runtime of the last years reads, by name, since "all" would let a newer Binaryen
 * write what a runtime cannot read yet.
 */
const WASM_OPT = [
  ...["--flatten", "--rereloop", "-Oz", "-Oz", "--gufa", "-Oz"],
  "--low-memory-unused", // the first kB is the far end of the stack
  // Gaps in the data compress to nothing, while the address of each piece between them does not.
  "--skip-pass=memory-packing",
  "--reorder-functions-by-name", // puts side by side what is made from one generic
  // A function with one caller stays a function: repeated beginnings compress better than fewer bytes do.
  "--one-caller-inline-max-function-size=30",
  "--mvp-features",
  ...["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"].map((feature) => `--enable-${feature}`),
  "--strip-debug",
  "--strip-producers",
  "--strip-target-features",
];
const MINIFY_NAMES = "--minify-imports-and-exports-and-modules"; // prints which name became which

/** What `--minify-...-modules` calls the one module that a wasm imports from. */
const MINIFIED_MODULE = "a";

/** Builds whatever is out of date, and gives the environment that set-up found. */
export async function build(options) {
  const ready = await setup(options);
  for (const module of MODULES) await buildWasm(module, ready.env);
  await buildPackage();
  return ready;
}

async function buildWasm({ name, features, seam }, env) {
  const folder = join(root, "target/wasm", name);
  const stamp = join(folder, "stamp");
  const inputs = await fingerprint(["src", "Cargo.toml", "Cargo.lock", "package-lock.json", "scripts", "npm/weave.js"]);
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === inputs) return;

  console.log(`\n> Building the ${name}'s wasm`);
  await rm(folder, { recursive: true, force: true });
  const pkg = join(folder, "pkg");
  // Target "bundler": its glue neither loads the wasm nor knows where it is, which is ours to decide.
  const wasmPack = ["build", "--target", "bundler", "--no-pack", "--no-typescript", "--release", "--mode", "no-install"];
  run("wasm-pack", [...wasmPack, "--out-dir", pkg, "--out-name", name, root, "--", "--no-default-features", "--features", features.join()], env);
  const { trim } = await import("./trim-wasm.mjs"); // not before set-up has installed what it takes
  const trimmed = join(folder, "trimmed.wasm");
  await writeFile(trimmed, trim(await readFile(join(pkg, `${name}_bg.wasm`))));
  const bindings = join(pkg, `${name}_bg.js`);
  await writeFile(bindings, lean(await readFile(bindings, "utf8")));
  const names = optimise(trimmed, join(folder, "module.wasm"), env, MINIFY_NAMES);
  await writeGlue(pkg, name, JSON.parse(names), join(folder, "glue.js"));
  if (seam) await buildHalves(folder, name, seam, env);
  else await writeInline(join(folder, "module.wasm"), join(folder, "inline.js"));
  await writeFile(stamp, inputs);
}

/** The wasm in two halves. A page that was open while its server got a newer package must not put together what does not fit. */
async function buildHalves(folder, name, seam, env) {
  const { isForSecond, split } = await import("./split-wasm.mjs");
  const parted = join(folder, "parted");
  await mkdir(parted, { recursive: true });
  const halves = split(await readFile(join(folder, "trimmed.wasm")), seam);
  const file = (half, state) => join(parted, `${half}${state}.wasm`);
  await writeFile(file("first", "-trimmed"), halves.first);
  const { imports, exports } = JSON.parse(optimise(file("first", "-trimmed"), file("first", ""), env, MINIFY_NAMES));
  const from = createHash("sha256").update(await readFile(file("first", ""))).digest("hex").slice(0, 8);
  await writeFile(file("second", "-trimmed"), halves.second(from, Object.fromEntries(exports)));
  optimise(file("second", "-trimmed"), file("second", ""), env);
  await writeGlue(join(folder, "pkg"), name, { imports, exports: exports.filter(([long]) => !isForSecond(long)) }, join(parted, "glue.js"));
  await writeInline(file("first", ""), join(parted, "first.js"), from);
  await writeInline(file("second", ""), join(parted, "second.js"));
}

const optimise = (from, to, env, ...more) => run("wasm-opt", [from, ...WASM_OPT, ...more, "--output", to], env);

/** A wasm as text, in a JavaScript module. `called` is how its other half knows it. */
async function writeInline(wasm, to, called) {
  const written = { ...encode(await readFile(wasm)), called };
  await writeFile(to, `export default ${JSON.stringify(written)};\n`);
}

/**
 * Turns the glue from a module, of which there is one, into a function that makes one for each instance: it keeps the
 * instance's memory views and its table of objects. The names that wasm and glue share become as short as wasm-opt made
 * them: wasm-bindgen's carry hashes, which nothing compresses.
 */
async function writeGlue(resolveDir, name, { imports, exports }, outfile) {
  const { build } = await import("esbuild");
  const file = `./${name}_bg.js`;
  // What our snippets call the wasm's exports by, and wasm-bindgen's glue our text.
  const alias = { wasm: join(resolveDir, file), "wasm-text": join(root, "src/web/text.js") };
  const { metafile } = await build({ entryPoints: [join(resolveDir, file)], bundle: true, alias, format: "esm", write: false, metafile: true, outdir: resolveDir });
  const taken = new Set(imports.map(([, long]) => long));
  const offered = Object.values(metafile.outputs)[0].exports.filter((long) => !taken.has(long));
  // What needs no conversion is imported from a snippet of ours itself. By name: a module as an object would bring
  // esbuild's helpers for such.
  const sources = [...offered.map((long) => [file, long, long]), ...imports];
  const names = Object.fromEntries(exports);
  const property = (index) => `${JSON.stringify(sources[index][2])}: given${index}`;
  const indices = [...sources.keys()];
  await build({
    // Handed over in a variable around it: as an export it would bring those helpers too.
    stdin: {
      contents: `
        ${sources.map(([module, long], index) => `import { ${long} as given${index} } from "${module}";`).join("\n")}
        given = {
          glue: { ${indices.slice(0, offered.length).map(property).join(", ")} },
          imports: { ${MINIFIED_MODULE}: { ${indices.slice(offered.length).map(property).join(", ")} } },
          begin: ${JSON.stringify(names.__wbindgen_start)},
        };`,
      resolveDir,
    },
    outfile,
    bundle: true,
    alias,
    format: "iife",
    mangleProps: new RegExp(`^(${Object.keys(names).join("|")})$`),
    mangleCache: names,
    banner: { js: "export function createGlue() {\nlet given;" },
    footer: { js: "return given;\n}" },
  });
}

/**
 * What wasm-bindgen's glue has for runtimes long gone and for gigabytes of text, and how it reads text: `TextDecoder` takes
 * longer for the name of a field than all else that is done with it.
 */
const LEAN = [
  [/^function getStringFromWasm0\(ptr, len\) \{\n[^]*?\n\}\n/m, "function getStringFromWasm0(ptr, len) {\n    return readText(getUint8ArrayMemory0(), ptr >>> 0, len);\n}\n"],
  [/^let cachedTextDecoder = [^]*?^function decodeText\([^]*?\n\}\n/m, ""],
  [/^    if \(realloc === undefined\) \{\n[^]*?\n    \}\n/m, ""],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}\n/m, ""],
];

function lean(glue) {
  for (const [pattern, replacement] of LEAN) {
    if (!pattern.test(glue)) throw new SetupError(`wasm-bindgen writes its glue in another way than scripts/build.mjs knows: it finds no ${pattern}.`);
    glue = glue.replace(pattern, replacement);
  }
  return `import { readText } from "wasm-text";\n${glue.replace(/, "\d+": "\w+"/g, "")}`; // an enum's numbers need no names
}

/** What entries load when it is asked for (the second half, another provider, what a provider has, files, callbacks): no entries themselves. */
const PARTS = ["second.js", "providers/inline.js", "providers/workerd.js", "providers/edge-light.js", "providers/glue.js", "abilities.js", "media.js", "posted.js"];

/** One self-contained file for each entry: a page makes one request, and no two entries share state by accident. */
async function buildPackage() {
  const { build } = await import("esbuild");
  const dist = join(root, "dist");
  await rm(dist, { recursive: true, force: true });
  const entryPoints = [...(await entries()), ...PARTS];
  await build({
    entryPoints: entryPoints.map((path) => join(root, "npm", path)),
    outdir: dist,
    outbase: join(root, "npm"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    // The wasm is a file beside the entry; a program of Node's uses the package as anyone does.
    external: ["*.wasm", "*.wasm?module", "node:*", "luma-edge", "luma-edge/*", ...PARTS.map((path) => `./${path}`)],
    logLevel: "warning",
  });
  for (const { name, ships } of MODULES) await cp(join(root, "target/wasm", name, "module.wasm"), join(dist, ships));
  for (const path of await readdir(join(root, "npm"), { recursive: true })) {
    if (path.endsWith(".d.ts")) await cp(join(root, "npm", path), join(dist, path));
  }
  console.log(`Built dist/: ${entryPoints.join(", ")}`);
}

/** The JavaScript files that package.json names, as paths inside npm/. */
async function entries() {
  const { exports, bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const named = JSON.stringify([exports, bin]).matchAll(/"\.?\/?dist\/([^"]+\.js)"/g);
  return [...new Set([...named].map(([, path]) => path))].sort();
}

/** A hash over the contents of files and folders. */
async function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const full = join(root, path);
    const files = (await stat(full)).isDirectory() ? (await readdir(full, { recursive: true })).sort().map((file) => join(full, file)) : [full];
    for (const file of files) {
      if ((await stat(file)).isFile()) hash.update(file).update("\0").update(await readFile(file)).update("\0");
    }
  }
  return hash.digest("hex");
}

/** Gives what the command printed on its standard output. */
function run(command, args, env) {
  const { status, error, stdout } = spawnSync(command, args, { cwd: root, stdio: ["inherit", "pipe", "inherit"], encoding: "utf8", env });
  if (status !== 0) throw new SetupError(`${command} failed${error ? `: ${error.message}` : ""}; what it said is above.`);
  return stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(() => build());
