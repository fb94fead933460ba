// The types under the strictest settings: every sample of the documents, and a program under the types of each runtime alone.

import assert from "node:assert/strict";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { root, setup } from "../../scripts/setup.mjs";
import { programsOfDocuments } from "../documents.mjs";
import { runCommand } from "../package/commands.mjs";

/** What `tsc --init` writes, and more. */
const STRICTEST = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitReturns: true,
  noUncheckedSideEffectImports: true,
  isolatedModules: true,
  moduleDetection: "force",
  module: "nodenext",
  target: "es2022",
  noEmit: true,
};

/** The types of one runtime alone. */
const RUNTIMES = {
  Workers: { lib: ["es2022"], types: ["@cloudflare/workers-types"] },
  Node: { lib: ["es2022"], types: ["node"] },
  "a page": { lib: ["es2022", "dom"], types: [] },
};

/** What a sample that is only a part goes on from, and what Cloudflare's own module has. */
const AROUND = `
  declare const agents: import("luma-edge").Client;
  declare const client: import("luma-edge").Client;
  declare const createClient: typeof import("luma-edge").createClient;
  declare const tiger: import("luma-edge").Generation;
  declare const video: HTMLVideoElement;
  declare const token: string;
  declare const key: string;
  declare const file: Blob;
  declare const worker: string;
  declare const sessionOf: (request: Request, env?: unknown) => Promise<{ id: string } | undefined>;
  declare const save: (job: unknown) => Promise<void>;
  declare const Deno: any;
  declare const Bun: any;
  declare module "$env/dynamic/private" {
    export const env: Record<string, string | undefined>;
  }
  declare module "@vitejs/plugin-react";
  declare module "miniflare";
  declare module "vitest";
  declare module "cloudflare:workers" {
    export const env: any;
    export const waitUntil: (promise: Promise<unknown>) => void;
    export class DurableObject {
      ctx: { storage: import("luma-edge/stores").DurableObjectStorage };
      env: any;
    }
  }`;

before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
});

/** Compiles files in a folder inside of the package, for which \`luma-edge\` is its own name. */
async function compile(name, compilerOptions, files) {
  const folder = join(root, "target/typed", name.replaceAll(/\W+/g, "-"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...STRICTEST, ...compilerOptions }, include: ["*.ts"] }),
  );
  for (const [file, content] of Object.entries(files)) {
    if (content === undefined) await cp(join(root, "tests/types", file), join(folder, file));
    else await writeFile(join(folder, file), content);
  }
  return runCommand(folder, ["tsc", "--project", "."]).then(
    () => "",
    ({ message }) => message,
  );
}

for (const [name, types] of Object.entries(RUNTIMES)) {
  test(`the declarations hold with the types of ${name} alone`, async () => {
    assert.equal(await compile(name, { ...types, skipLibCheck: false }, { "strict.ts": undefined }), "");
  });
}

test("every sample of the documents compiles", async () => {
  const samples = (await programsOfDocuments()).map(({ place, code }) => [`${place.replaceAll(/\W+/g, "-")}.ts`, code]);
  assert.ok(samples.length > 30);
  const types = { lib: ["es2024", "dom", "dom.iterable", "dom.asynciterable"], types: ["node"], skipLibCheck: true };
  // They are JavaScript: a parameter has no type there.
  assert.equal(
    await compile("documents", { ...types, noImplicitAny: false }, { ...Object.fromEntries(samples), "around.d.ts": AROUND }),
    "",
  );
});
