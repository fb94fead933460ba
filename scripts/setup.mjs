// Finds what building and testing luma-edge takes, and fetches what is missing. Safe to run again: what is there is kept.
//
//   node scripts/setup.mjs          what a build takes: Rust for WebAssembly, wasm-bindgen, wasm-pack, the npm packages
//   node scripts/setup.mjs --test   the same, and what the tests take: rustfmt, clippy, Chromium

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project, without a trailing slash. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const WASM_PACK = { install: "0.15.1", accept: /^0\.15\./ };
const WASM_TARGET = "wasm32-unknown-unknown";
const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A reason to stop that the person at the terminal can act on: its message is printed, without a stack. */
export class SetupError extends Error {}

/**
 * Makes the machine ready.
 * @param {{ test?: boolean }} [options] `test`: ready to run the tests, not only to build
 * @returns {Promise<{ env: NodeJS.ProcessEnv, chromium: string | undefined }>} the environment to run the tools in, its
 *   PATH leading to the right versions; and the browser, when `test` was asked for
 */
export async function setup({ test = false } = {}) {
  checkNode();
  checkRust();
  addWasmTarget();
  installPackages();
  const folders = installTools();
  const env = { ...process.env, PATH: [...folders, machinesNode(), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter) };
  if (!test) return { env, chromium: undefined };

  addRustComponents();
  const chromium = findChromium() ?? installChromium();
  return { env: { ...env, CHROMIUM: chromium }, chromium };
}

function checkNode() {
  const wanted = JSON.parse(read("package.json")).engines.node.replace(">=", "");
  if (isOlder(process.versions.node, wanted)) {
    throw new SetupError(`Node ${wanted} or newer is needed, this is ${process.versions.node}: see https://nodejs.org`);
  }
}

function checkRust() {
  const wanted = /^rust-version = "(.+)"/m.exec(read("Cargo.toml"))[1];
  const found = versionOf("rustc");
  if (!found || !versionOf("cargo")) {
    throw new SetupError(
      `Rust ${wanted} or newer is needed and rustc or cargo is not on PATH: install it from https://rustup.rs, then run this again in a new terminal.`,
    );
  }
  if (isOlder(found, wanted)) {
    throw new SetupError(`Rust ${wanted} or newer is needed, this is ${found}: run "rustup update stable".`);
  }
}

function addWasmTarget() {
  const sysroot = capture("rustc", ["--print", "sysroot"]);
  if (existsSync(join(sysroot, "lib/rustlib", WASM_TARGET, "lib"))) return;
  if (!versionOf("rustup")) {
    throw new SetupError(
      `Rust's standard library for ${WASM_TARGET} is missing and there is no rustup to add it: install it with what installed Rust.`,
    );
  }
  step(`Adding Rust's ${WASM_TARGET} target`);
  run("rustup", ["target", "add", WASM_TARGET]);
}

/**
 * The package `node`, which only the Worker's runtime needs, brings a command of that name, and npm puts it in front of the machine's.
 * A folder with a link to the machine's own goes in front of that.
 */
function machinesNode() {
  const node = process.env.npm_node_execpath ?? process.execPath;
  const folder = join(root, "target/node");
  const link = join(folder, "node");
  if (existsSync(link) && readlinkSync(link) === node) return folder;
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(node, link);
  return folder;
}

/** rustup's minimal profile leaves these out. */
function addRustComponents() {
  const missing = ["rustfmt", "clippy"].filter((name) => !versionOf(name === "clippy" ? "cargo-clippy" : name));
  if (!missing.length) return;
  step(`Adding ${missing.join(" and ")}`);
  run("rustup", ["component", "add", ...missing]);
}

/** npm keeps its own copy of the lock inside node_modules: older than ours, or absent, means out of date. */
function installPackages() {
  const written = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (written("node_modules/.package-lock.json") >= written("package-lock.json")) return;
  step("Installing the npm packages");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/**
 * wasm-bindgen must be the very version of the crate, or the two refuse to work together; wasm-pack is pinned so that
 * every machine builds alike. On PATH in the right version they are used as they are, else they are installed once per
 * user, outside of the project and of ~/.cargo/bin, where another project may need another version.
 * @returns {string[]} the folders to put in front of PATH
 */
function installTools() {
  const bindgen = /name = "wasm-bindgen"\nversion = "(.+)"/.exec(read("Cargo.lock"))[1];
  const tools = [
    { crate: "wasm-bindgen-cli", command: "wasm-bindgen", version: bindgen, accepts: (found) => found === bindgen },
    { crate: "wasm-pack", command: "wasm-pack", version: WASM_PACK.install, accepts: (found) => WASM_PACK.accept.test(found) },
  ].filter((tool) => !tool.accepts(versionOf(tool.command) ?? ""));

  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "luma-edge");
  const folder = (tool) => join(cache, `${tool.crate}-${tool.version}`);
  const missing = tools.filter((tool) => !tool.accepts(versionOf(join(folder(tool), "bin", tool.command)) ?? ""));
  if (missing.length) compileTools(missing, folder);
  return tools.map((tool) => join(folder(tool), "bin"));
}

/** Without --locked: the lock that wasm-bindgen-cli ships does not resolve. The shared folder saves half of the work. */
function compileTools(tools, folder) {
  const target = mkdtempSync(join(tmpdir(), "luma-edge-tools-"));
  try {
    for (const { crate, version, ...tool } of tools) {
      step(`Compiling ${crate} ${version} into ${folder({ crate, version, ...tool })} (once; some minutes)`);
      mkdirSync(folder({ crate, version }), { recursive: true });
      run("cargo", ["install", crate, "--version", version, "--root", folder({ crate, version }), "--force"], {
        CARGO_TARGET_DIR: target,
      });
    }
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** The path of the browser that `CHROMIUM` names or, without it, of one on PATH; undefined where there is none. */
export function findChromium() {
  const named = process.env.CHROMIUM;
  if (named && !existsSync(named)) throw new SetupError(`CHROMIUM is set to ${named}, which is not there.`);
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return CHROMIUM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

function installChromium() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new SetupError("The browser tests need Chromium: install it, or set CHROMIUM to the path of a Chrome or Chromium.");
  }
  step("Installing Chromium");
  run("apt-get", ["update"]);
  run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { DEBIAN_FRONTEND: "noninteractive" });
  return findChromium();
}

const read = (path) => readFileSync(join(root, path), "utf8");

const step = (what) => console.log(`\n> ${what}`);

/** Whether version `a` comes before version `b`, both dotted numbers. */
function isOlder(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map((part) => parseInt(part, 10)));
  const differs = right.findIndex((part, index) => (left[index] ?? 0) !== part);
  return differs >= 0 && (left[differs] ?? 0) < right[differs];
}

/** The version that a command names itself, or undefined where there is no such command. */
function versionOf(command) {
  return /\d+\.\d+\.\d+/.exec(capture(command, ["--version"]))?.[0];
}

function capture(command, args) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
}

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (status === 0) return;
  throw new SetupError(`"${command} ${args.join(" ")}" failed${error ? `: ${error.message}` : ""}; what it said is above.`);
}

/** Runs a script's work; a reason that a person can act on is printed as a sentence, anything else with its stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setup({ test: process.argv.includes("--test") });
    console.log("Everything is in place.");
  });
}
