// Serves the demo page of www/ on this machine, with everything that it takes built first: `npm start`.

import { join } from "node:path";
import { build } from "./build.mjs";
import { main, root } from "./setup.mjs";

await main(async () => {
  await build();
  const { createServer } = await import("vite");
  const server = await createServer({ root: join(root, "www") });
  await server.listen();
  console.log("\nThe demo page is at:");
  server.printUrls();
  console.log("\nIt needs no key: the provider behind it is simulated. Ctrl+C stops it.");
});
