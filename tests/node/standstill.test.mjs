// A simulator's virtual time stands still while anything of the client's is under way: loading, a store, hashing, files.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A store that takes real time for each call. */
function slowStore(ms) {
  const entries = new Map();
  return {
    getAll: async () => (await later(ms), [...entries]),
    put: async (key, value) => (await later(ms), void entries.set(key, value)),
    delete: async (key) => (await later(ms), void entries.delete(key)),
    lock: async () => (await later(ms), () => {}),
  };
}

let keys = 0;
const world = (options) => {
  const simulator = createSimulator({ clock: "auto", durations: 30_000 });
  const { fetch, clock } = simulator;
  return { simulator, client: createClient({ apiKey: `standstill-${keys++}`, fetch, clock, ...options }) };
};

test("in a fresh process", async () => {
  const program = `
    import { createClient } from "luma-edge";
    import { createSimulator } from "luma-edge/simulator";
    const { fetch, clock } = createSimulator({ clock: "auto", durations: 30_000 });
    const options = { fetch, clock };
    // One waits already when the other is loaded.
    const late = clock.sleep(1e6);
    const [{ state }] = await Promise.all([
      createClient({ apiKey: "a", ...options }).generate({ model: "ray-2", prompt: "A tiger" }, { timeout: 40_000 }),
      createClient({ apiKey: "b", ...options }).generate({ model: "ray-2", prompt: "A fox" }, { timeout: 40_000 }),
    ]);
    console.log(state);
    await late;
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: 30_000 });
  assert.equal(stdout, "completed\n");
});

test("while a store works", async () => {
  const { client, simulator } = world({ store: slowStore(20) });
  const before = simulator.now();
  const jobs = ["A tiger", "A fox"].map((prompt) => client.generate({ ...TIGER, prompt }, { timeout: 40_000 }));
  assert.deepEqual(
    (await Promise.all(jobs)).map(({ state }) => state),
    ["completed", "completed"],
  );
  assert.ok(simulator.now() - before < 36_000, `${simulator.now() - before}`);
});

test("while a file is read, hashed and stored", async () => {
  const slow = new Blob([PNG], { type: "image/png" });
  for (const read of ["arrayBuffer", "slice"]) {
    const plain = slow[read].bind(slow);
    slow[read] = read === "slice" ? plain : async () => (await later(30), plain());
  }
  const { client } = world({
    upload: async () => (await later(150), "https://files.example/a.png"),
  });
  const made = await client.generate({ ...TIGER, keyframes: { frame0: slow } }, { timeout: 40_000 });
  assert.equal(made.state, "completed");
});

test("an upload of the caller's that itself waits for that time goes on", async () => {
  let simulator;
  const made = world({
    upload: async () => {
      await simulator.fetch("https://api.lumalabs.ai/dream-machine/v1/ping", { headers: { authorization: "Bearer any" } });
      return "https://files.example/a.png";
    },
  });
  simulator = made.simulator;
  const began = performance.now();
  const frame = new Blob([PNG], { type: "image/png" });
  const { state } = await made.client.generate({ ...TIGER, keyframes: { frame0: frame } }, { timeout: 40_000 });
  assert.equal(state, "completed");
  assert.ok(performance.now() - began < 4000, "the hold has ended with the request");
});

test("a real clock has no such thing", () => {
  assert.equal(createSimulator({ clock: 20 }).clock.hold, undefined);
  assert.equal(typeof createSimulator({ clock: "manual" }).clock.hold, "function");
});
