// Luma's own Python SDKs against the simulator: `npm run test:python`. Not part of `npm test`: it takes Python 3.9 or newer
// with venv, and fetches two packages into target/python.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { simulate } from "../bench/served.mjs";
import { build } from "./build.mjs";
import { main, root, SetupError } from "./setup.mjs";

await main(async () => {
  const python = join(root, "target/python", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(python))
    await must(
      "python3",
      ["-m", "venv", join(root, "target/python")],
      "Python 3.9 or newer with venv is needed (Debian: apt-get install python3-venv).",
    );
  await must(
    python,
    ["-m", "pip", "install", "--quiet", "--requirement", join(root, "tests/python/requirements.txt")],
    "pip could not fetch the SDKs.",
  );
  await build();
  // Time passes when the test says so; what is refused for a limit would be refused by chance.
  const simulator = await simulate({ speed: 1, limits: "none" });
  const env = { ...process.env, SIMULATOR: simulator.root };
  const code = await run(python, ["-m", "unittest", "--verbose", "test_sdks"], { cwd: join(root, "tests/python"), env });
  await simulator.close();
  process.exitCode = code;
});

async function must(command, args, otherwise) {
  if ((await run(command, args).catch(() => 1)) !== 0) throw new SetupError(otherwise);
}

async function run(command, args, options) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  const [code] = await once(child, "close");
  return code;
}
