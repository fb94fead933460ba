// A Worker's request that is cancelled, as production does it: its fetches and timers never settle, and nothing that it began is told.
// workerd does not cancel by itself when a client hangs up, so that it is played here: each promise of the host belongs to a request.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";

const MINUTE = 60_000;

/** An isolate whose requests can be cancelled, with room for one picture at a time. */
function isolate(apiKey, store) {
  const simulator = createSimulator({ clock: "auto", durations: 10_000 });
  const requests = new AsyncLocalStorage();
  const cancelled = new Set();
  const bound =
    (begin) =>
    (...given) => {
      const request = requests.getStore();
      const alive = (settle) => (value) => cancelled.has(request) || settle(value);
      return new Promise((resolve, reject) => begin(...given).then(alive(resolve), alive(reject)));
    };
  const clock = { now: () => simulator.now(), sleep: bound((ms, signal) => simulator.clock.sleep(ms, signal)) };
  const fetch = bound((url, init) => simulator.fetch(url, init));
  const client = () => createClient({ apiKey, clock, fetch, store, limits: { image: { concurrent: 1 } } });
  return { simulator, client, cancel: (name) => cancelled.add(name), request: (name, work) => requests.run(name, work) };
}

const picture = (prompt) => ({ model: "photon-flash-1", prompt });

for (const [where, state, latest] of [
  ["in the queue", "waiting", MINUTE],
  ["while its creation is under way", "sending", 3 * MINUTE],
  ["while its job runs", "dreaming", 2 * MINUTE],
]) {
  for (const kept of [undefined, memoryStore()]) {
    test(`cancelled ${where}, ${kept ? "with" : "without"} a store, a request holds up no other for long`, async () => {
      const { simulator, client, cancel, request } = isolate(`cancelled-${state}-${!kept}`, kept);
      const clients = new Map();
      const of = (name) => clients.get(name) ?? clients.set(name, client()).get(name);
      if (state === "waiting") await request("before", () => of("before").create(picture("The first one")));
      const reached = new Promise((resolve) => {
        const onUpdate = (update) => update.state === state && (cancel("gone"), resolve());
        request("gone", () =>
          of("gone")
            .generate(picture("Of nobody"), { onUpdate })
            .catch(() => {}),
        );
        if (state === "sending") resolve(cancel("gone"));
      });
      await reached;

      const began = simulator.now();
      const next = await request("next", () => of("next").generate(picture("The next one")));
      assert.equal(next.state, "completed");
      assert.ok(simulator.now() - began < latest, `${(simulator.now() - began) / 1000} s`);
      assert.equal((await simulator.stats()).limited.concurrent, 0);

      if (!kept) return;
      await request("later", () => simulator.clock.sleep(4 * MINUTE));
      const left = await request("later", () => of("later").resume());
      const done = await request("later", () => Promise.all(left.map(({ done }) => done)));
      const prompts = done.map(({ request }) => request.prompt).sort();
      assert.deepEqual(prompts, state === "waiting" ? ["Of nobody", "The first one"] : ["Of nobody"]);
      assert.deepEqual(await request("last", () => of("last").resume()), []);
      assert.equal((await simulator.generations()).length, prompts.length + 1);
    });
  }
}
