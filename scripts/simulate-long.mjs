// Simulated days on which everything goes wrong, as many as one has time for (tests/simulation says what must hold of them):
//
//   npm run simulate:long -- --seeds 1000000          so many days, from seed 0 on; stops at the first that ends badly
//   npm run simulate:long -- --from 3000 --seeds 500  from another seed on
//   npm run simulate:long -- --seed 17                that day again, step by step

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { main, root, SetupError, setup } from "./setup.mjs";

await main(async () => {
  const settings = options();
  const { env } = await setup();
  // Its own profile: the release's is made for a small module, not for speed.
  const test = ["test", "--profile", "simulation", "--test", "simulation", "--features", "simulator", "--"];
  const child = spawn("cargo", [...test, "--ignored", "--nocapture", "as_many_days_as_are_wanted"], {
    cwd: root,
    env: { ...env, ...settings },
    stdio: "inherit",
  });
  process.exitCode = await new Promise((resolve) => child.on("close", resolve));
});

function options() {
  let values;
  try {
    ({ values } = parseArgs({ options: { seeds: { type: "string" }, from: { type: "string" }, seed: { type: "string" } } }));
  } catch (error) {
    throw new SetupError(`${error.message}\nIt takes --seeds, --from and --seed, each with a number.`);
  }
  const wrong = Object.entries(values).find(([, value]) => !/^\d+$/.test(value));
  if (wrong) throw new SetupError(`--${wrong[0]} takes a number, not ${wrong[1]}`);
  const { seeds, from, seed } = values;
  if (seed !== undefined && (seeds ?? from) !== undefined) throw new SetupError("--seed is one day: leave --seeds and --from out.");
  const named = { SIMULATION_SEEDS: seeds, SIMULATION_FROM: from, SIMULATION_SEED: seed };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
