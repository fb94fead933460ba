// What a caller is shown is its own: what it changes there changes nothing of a job.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { caught, TIGER } from "./scripted.mjs";

test("a lost creation is found again, whatever its caller does to the request in the error and in the ticket", async () => {
  const simulator = createSimulator({ clock: "auto", faults: "create:cut-after@1" });
  const one = createClient({ apiKey: "shown-1", fetch: simulator.fetch, clock: simulator.clock, recovery: "report" });
  const error = await caught(one.generate(TIGER));
  assert.equal(error.code, "unknown_outcome");
  assert.deepEqual(error.creation.request.prompt, TIGER.prompt);
  error.creation.request.prompt = "A bear";
  const [info] = await one.resume();
  assert.equal(info.request.prompt, TIGER.prompt);
  info.request.prompt = "A fox";
  const done = await info.done;
  assert.deepEqual([done.state, done.request.prompt], ["completed", TIGER.prompt]);
  assert.equal((await simulator.generations()).length, 1);
});

test("an update is its caller's own: no job is lost by what it does to it", async () => {
  const simulator = createSimulator({ clock: "auto" });
  const one = createClient({ apiKey: "shown-2", fetch: simulator.fetch, clock: simulator.clock, store: memoryStore() });
  const onUpdate = (update) => {
    if (!update.raw) return;
    for (const value of [update.request, update.raw, update.assets]) for (const key of Object.keys(value ?? {})) delete value[key];
    update.state = "failed";
  };
  const done = await one.generate(TIGER, { onUpdate });
  assert.deepEqual([done.state, typeof done.assets.video], ["completed", "string"]);
  assert.deepEqual([(await simulator.generations()).length, await one.resume()], [1, []]);
});
