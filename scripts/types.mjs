// `npm run types`: writes npm/generated/ and the references in docs/ from the Rust types and rule tables; with --check it only
// says whether they agree.

import { spawnSync } from "node:child_process";
import { main, root, SetupError, setup } from "./setup.mjs";

await main(async () => {
  const { env } = await setup();
  const args = ["run", "--quiet", "--features", "types", "--bin", "types", "--", ...process.argv.slice(2)];
  const { status } = spawnSync("cargo", args, { cwd: root, stdio: "inherit", env });
  if (status !== 0) throw new SetupError("The types and the reference could not be written, or are not up to date: see above.");
});
