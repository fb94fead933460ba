// The documents say all there is, and their links lead somewhere.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { run } from "./luma-edge.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (page) => readFileSync(join(root, page), "utf8");
const docs = readdirSync(join(root, "docs"), { recursive: true }).filter((name) => name.endsWith(".md"));
const pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "worker/README.md", ...docs.map((name) => `docs/${name}`)];

/** The words of a type that is a choice of words. */
const words = (type) =>
  [...new RegExp(`export type ${type} = (.*);`).exec(read("npm/generated/types.ts"))[1].matchAll(/"(\w+)"/g)].map(([, word]) => word);

/** What a message lists behind its last colon. */
const listed = (message) => /: ([^:]*)$/.exec(message)[1].split(", ");

const thrown = (act) => {
  try {
    act();
  } catch (error) {
    return error.message;
  }
};

const flags = [...(await run("--help")).stdout.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag);

for (const [page, what, names] of [
  ["README.md", "every code", words("Code")],
  ["docs/errors.md", "every code", words("Code")],
  ["docs/errors.md", "every kind of problem", words("ProblemCode")],
  ["docs/errors.md", "every kind of failure", words("FailureCode")],
  ["docs/client.md", "every option", listed(thrown(() => createClient({ none: 1 })))],
  ["docs/client.md", "every method", Object.keys(createClient({ apiKey: "any-key" }))],
  ["docs/client.md", "every event", [...read("npm/generated/types.ts").matchAll(/\{ "type": "(\w+)"/g)].map(([, word]) => word)],
  ["docs/simulator.md", "every option", listed(thrown(() => createSimulator({ none: 1 })))],
  ["docs/simulator.md", "every member", Object.keys(createSimulator())],
  ["docs/simulator.md", "every flag", flags],
]) {
  test(`${page} has ${what}`, () => {
    assert.ok(names.length > 3, `found only ${names}`);
    const text = read(page);
    const missing = names.filter((name) => !new RegExp(`(\`|### )${name}\\b`).test(text));
    assert.deepEqual(missing, []);
  });
}

test("the help has every kind of fault that docs/simulator.md has", async () => {
  const [, table] = /^\| kind \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(read("docs/simulator.md"));
  const kinds = table.split("\n").flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([a-z][a-z-]+)`/g)].map(([, kind]) => kind));
  assert.ok(kinds.length > 10, `found only ${kinds}`);
  const [, help] = /^ {2}kind +(.*?)^ {2}value/ms.exec((await run("--help")).stdout);
  const told = new Set(help.split(/[\s,;:()]+/));
  assert.deepEqual(
    kinds.filter((kind) => !told.has(kind)),
    [],
  );
});

test("links lead somewhere", () => {
  const { files } = JSON.parse(read("package.json"));
  const packed = (path) => ["README.md", ...files].some((name) => path === name || path.startsWith(`${name}/`));
  const heads = (page) =>
    [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, head]) =>
      head
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
  for (const page of pages) {
    for (const [, link] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (link.includes("://")) continue;
      const [path, anchor] = link.split("#");
      const target = path ? relative(root, join(root, dirname(page), path)) : page;
      assert.ok(existsSync(join(root, target)), `${page}: ${link}`);
      if (anchor) assert.ok(heads(target).includes(anchor), `${page}: ${link}`);
      if (packed(page)) assert.ok(packed(target), `${page}: ${link} is not in the package`);
    }
  }
});
