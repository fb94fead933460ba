// The rooms of the Worker import downward only.

import { test } from "node:test";
import { checkRooms } from "../rooms.mjs";

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

test("no room imports one above it", () => checkRooms(new URL("../../worker/src/", import.meta.url), ROOMS));
