// Runs everything that must hold, each step named and its output streamed; goes on after a failure, so that one run
// reports everything, and ends with a line of counts: `npm test`.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { main, root, setup } from "./setup.mjs";

/** A command that ends well counts as one test passed, unless its output says how many it ran. */
const steps = [
  { name: "JavaScript: format and lints", command: "biome ci ." },
  { name: "Rust: format", command: "cargo fmt --check" },
  { name: "Rust: lints", command: "cargo clippy --all-targets --features simulator,types -- -D warnings" },
  ...["web", "simulator-web"].map((features) => ({
    name: `Rust: lints of ${features}`,
    command: `cargo clippy --target wasm32-unknown-unknown --features ${features} -- -D warnings`,
  })),
  { name: "Rust: tests", command: "cargo test --features simulator", totals: cargoTotals },
  {
    name: "Rust: tests of the JSON type, in wasm",
    command: "cargo test --target wasm32-unknown-unknown --features web --test json",
    env: { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner" }, // comes with wasm-bindgen's CLI
    totals: cargoTotals,
  },
  // All that follows tests what is built: without it there is nothing to go on with.
  // The build has tsc check all of npm/.
  { name: "Build", command: "npm run --silent build", required: true },
  { name: "Types: up to date", command: "npm run --silent types -- --check" },
  { name: "Types: of the Worker's bindings, up to date", command: "npm run --silent worker:types -- --check" },
  { name: "Types: as a user writes", command: "tsc --project tests/types" },
  // A tab sees late what another one wrote, and on a busy machine too late for a lock in localStorage: each browser gets a core.
  javaScript("tests in a browser", availableParallelism(), (path) => path.startsWith("tests/browser/")),
  // The others wait more than they work: four files at once keep even two cores busy.
  javaScript("the other tests", Math.max(4, availableParallelism()), (path) => !path.startsWith("tests/browser/")),
  { name: "Package: size", command: "npm run --silent size" },
  { name: "Worker: size and start", command: "npm run --silent worker:size" },
  { name: "Package: publint", command: "publint --strict" },
  { name: "Package: attw", command: "attw --pack . --profile esm-only" },
];

await main(async () => {
  const { env } = await setup({ test: true });
  const total = { passed: 0, failed: 0 };
  const wrong = [];
  for (const step of steps) {
    console.log(`\n=== ${step.name}: ${step.command}`);
    const begun = Date.now();
    const { passed, failed } = await run(step, env);
    console.log(`--- ${passed} passed, ${failed} failed, in ${Math.round((Date.now() - begun) / 1000)} s`);
    total.passed += passed;
    total.failed += failed;
    if (failed) wrong.push(step.name);
    if (failed && step.required) break;
  }
  if (wrong.length) console.log(`\nWrong: ${wrong.join(", ")}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  if (wrong.length) process.exitCode = 1;
});

async function run({ command, env: own, totals }, env) {
  const child = spawn(command, { cwd: root, env: { ...env, ...own }, shell: true, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  const counted = totals?.(stripVTControlCharacters(output)) ?? { passed: status === 0 ? 1 : 0, failed: 0 };
  // Something may go wrong outside of any test: it does not compile, say.
  return status === 0 ? counted : { ...counted, failed: Math.max(1, counted.failed) };
}

function cargoTotals(output) {
  return { passed: sum(output, /^test result: .* (\d+) passed/gm), failed: sum(output, /^test result: .* (\d+) failed/gm) };
}

function nodeTotals(output) {
  return { passed: sum(output, /^ℹ pass (\d+)$/gm), failed: sum(output, /^ℹ (?:fail|cancelled) (\d+)$/gm) };
}

function sum(output, pattern) {
  return [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
}

/** A step that runs the tests in JavaScript whose path is wanted, so many files at once. */
function javaScript(name, atOnce, wanted) {
  const files = readdirSync(join(root, "tests"), { recursive: true })
    .filter((path) => path.endsWith(".test.mjs"))
    .map((path) => `tests/${path}`)
    .filter(wanted)
    .sort();
  const command = `node --test --test-concurrency=${atOnce} --test-reporter=spec ${files.join(" ")}`;
  return { name: `JavaScript: ${name}`, command, totals: nodeTotals };
}
