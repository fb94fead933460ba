// The samples of README.md and docs/.
//
// A block fenced as `js` is run; one fenced as `js no_run` is only parsed. A block that imports something begins a program,
// one that does not goes on with the program above it.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";

/** @returns {Promise<{ place: string, code: string, run: boolean }[]>} each program, and where it begins */
export async function programsOfDocuments() {
  const docs = (await readdir(join(root, "docs"), { recursive: true })).filter((name) => name.endsWith(".md")).sort();
  const pages = ["README.md", ...docs.map((name) => `docs/${name}`)];
  return (await Promise.all(pages.map(programsOf))).flat();
}

async function programsOf(page) {
  const text = await readFile(join(root, page), "utf8");
  const found = [];
  for (const { 1: mark, 2: code, index } of text.matchAll(/^```js( no_run)?\n(.*?)^```$/gms)) {
    const place = `${page}:${text.slice(0, index).split("\n").length}`;
    const last = found.at(-1);
    if (/^import /m.test(code) || mark || !last?.run) found.push({ place, code, run: !mark });
    else last.code += `\n${code}`;
  }
  return found;
}
