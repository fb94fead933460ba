// Calls that run at the same time in contexts of their own, as a server's requests do: what tracing and Next.js read from the context is
// right in each fetch, timer and listener, since a task runs in the context of what woke it.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";

const NAMES = ["red", "green", "blue"];
const contexts = new AsyncLocalStorage();
const here = () => contexts.getStore();
let accounts = 0;

/** Clients whose functions note in which context they are called, with what tells whose they are. */
function observed(options) {
  const simulator = createSimulator({ clock: "auto" });
  const seen = [];
  const owners = new Map(); // of jobs, by id
  const note = (what, owner) => seen.push({ what, owner, context: here() });
  const ownerOf = (text) => NAMES.find((name) => text?.includes(name)) ?? [...owners].find(([id]) => text?.includes(id))?.[1];
  const fetch = async (url, init) => {
    note(init.method === "POST" ? "create" : url.includes("?") ? "list" : "read", ownerOf(init.body ?? url));
    const answer = await simulator.fetch(url, init);
    if (init.method === "POST") owners.set((await answer.clone().json()).id, ownerOf(init.body));
    return answer;
  };
  const clock = { now: () => simulator.now(), sleep: (ms, signal) => (note("sleep"), simulator.clock.sleep(ms, signal)) };
  const onEvent = (event) => note(`event ${event.type}`, ownerOf(event.id));
  const apiKey = `context-${accounts++}`;
  const client = () => createClient({ apiKey, fetch, clock, onEvent, ...options });
  return { client, note, seen };
}

const request = (name) => ({ model: "ray-2", prompt: `A ${name} tiger walking in snow` });
const inEach = (work) => Promise.all(NAMES.map((name) => contexts.run(name, () => work(name))));

/** One list tells of every job in flight: it is read in the context of one of those who wait, and so are the events of what it tells. */
const SHARED = ["event update"];

/** Whatever is known to be somebody's is in that one's context, and nothing is in none. */
function assertContexts(seen) {
  for (const { what, owner, context } of seen) {
    assert.ok(NAMES.includes(context), `${what} of ${owner} in ${context}`);
    if (owner && !SHARED.includes(what)) assert.equal(context, owner, what);
  }
}

/** The same, and each of the three did everything. */
function assertOwn(seen) {
  assertContexts(seen);
  for (const name of NAMES) {
    const mine = seen.filter(({ context }) => context === name).map(({ what }) => what);
    for (const what of ["create", "sleep", "event request"]) assert.ok(mine.includes(what), `${name} has no ${what}`);
  }
  assert.ok(
    seen.some(({ what }) => what === "read" || what === "list"),
    "they poll",
  );
}

const shared = ({ client }) => {
  const one = client();
  return () => one;
};
const ways = {
  "three clients": { make: ({ client }) => client },
  "one client": { make: shared },
  "one client, with room for one at a time": { make: shared, options: () => ({ limits: { video: { concurrent: 1 } } }) },
  "one client with a store": { make: shared, options: () => ({ store: memoryStore() }) },
};

for (const [name, { make, options }] of Object.entries(ways)) {
  test(`three calls begun together run each in its own context: ${name}`, async () => {
    const world = observed(options?.());
    const clientOf = make(world);
    const done = await inEach(async (name) => {
      const onUpdate = ({ state, request }) =>
        state !== "waiting" &&
        world.note(
          "update",
          NAMES.find((other) => request.prompt.includes(other)),
        );
      const job = await clientOf().generate(request(name), { onUpdate });
      assert.equal(here(), name);
      return job.state;
    });
    assert.deepEqual(done, ["completed", "completed", "completed"]);
    assertOwn(world.seen);
  });

  test(`three batches begun together run each in its own context: ${name}`, async () => {
    const world = observed(options?.());
    const clientOf = make(world);
    await inEach(async (name) => {
      const requests = [1, 2, 3].map((number) => ({ ...request(name), prompt: `${number}: ${request(name).prompt}` }));
      for await (const { status } of clientOf().generateAll(requests)) assert.deepEqual([status, here()], ["fulfilled", name]);
    });
    assertOwn(world.seen);
  });
}

test("one who leaves takes nobody's context along", async () => {
  const world = observed();
  const one = world.client();
  const leave = new AbortController();
  const outcomes = await inEach((name) => {
    const signal = name === "green" ? leave.signal : undefined;
    const onUpdate = () => name === "red" && leave.abort();
    return one.generate(request(name), { signal, onUpdate }).then(
      ({ state }) => state,
      ({ code }) => code,
    );
  });
  assert.deepEqual(outcomes, ["completed", "aborted", "completed"]);
  assertContexts(world.seen);
});
