// The rooms of the faces import downward only.

import { test } from "node:test";
import { checkRooms } from "../rooms.mjs";

const ROOMS = [
  "entries",
  "cli",
  "simulator",
  "jobs",
  "client",
  "callbacks",
  "media",
  "fetch",
  "wasm",
  "types",
  "stores",
  "common",
  "generated",
];

test("no room imports one above it", () => checkRooms(new URL("../../npm/", import.meta.url), ROOMS));
