// The rooms of the Worker import downward only.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const src = new URL("../../worker/src/", import.meta.url);

/** Each imports only those after it. What lies beside them is for all. */
const ROOMS = [
  "admin",
  "jobs",
  "callbacks",
  "webhooks",
  "process",
  "proxy",
  "uploads",
  "results",
  "creation",
  "upstream",
  "requests",
  "auth",
  "bucket",
  "limits",
];

test("no room imports one above it", async () => {
  const rooms = (await readdir(src, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(rooms.sort(), [...ROOMS].sort());
  for (const [index, room] of ROOMS.entries()) {
    for (const file of await readdir(new URL(`${room}/`, src))) {
      const text = await readFile(new URL(`${room}/${file}`, src), "utf8");
      for (const [, other] of text.matchAll(/from "\.\.\/([\w-]+)\//g))
        assert.ok(ROOMS.indexOf(other) > index, `${room}/${file} imports ${other}`);
    }
  }
});
