// Imports a source file of npm/, bundled in memory: for what no entry exports.

import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../scripts/setup.mjs";

/** @param {string} path from the project's root, such as "npm/media/measure.ts" */
export async function importSource(path) {
  const { outputFiles } = await build({ entryPoints: [join(root, path)], bundle: true, format: "esm", platform: "node", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
