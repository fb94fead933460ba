// The demo page: its source in www/, the package as it was built into dist/.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { exports } = JSON.parse(readFileSync(path("./package.json"), "utf8"));

// A package cannot be a dependency of itself, so each name that it exports leads to the file that a page gets.
const alias = Object.entries(exports)
  .filter(([, target]) => target.default)
  .map(([name, target]) => ({ find: new RegExp(`^luma-edge${name.slice(1)}$`), replacement: path(target.default) }));

export default defineConfig({
  root: path("./www"),
  resolve: { alias },
  server: { host: "127.0.0.1" },
  build: { emptyOutDir: true },
});
