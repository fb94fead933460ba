// The caller's store as the wasm calls it: whatever its functions give, throw or leave open, no job is lost and no program ended by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { caught, DONE, json, never, soon, standingClock, TIGER, unhandledIn, until } from "./scripted.mjs";

let accounts = 0;
/** A simulator, and clients of one account of it. */
function world() {
  const simulator = createSimulator({ clock: "auto" });
  const apiKey = `store-faults-${accounts++}`;
  return { simulator, client: (options) => createClient({ apiKey, fetch: simulator.fetch, clock: simulator.clock, ...options }) };
}

/** A store with the ticket of a job that runs, and a client that has never heard of it. */
async function abandoned() {
  const { simulator, client } = world();
  const store = memoryStore();
  const { id } = await client({ store }).create(TIGER);
  return { id, simulator, store, client: (options) => client({ store, ...options }) };
}

const broken = () => {
  throw new Error("the disk is full");
};
const rejecting = async () => broken();
function* interrupted() {
  yield ["ticket:text", "{}"];
  broken();
}

test("entries come from whatever can be iterated, as JSON or as their text; what is no entry is passed over", async () => {
  const odd = [["ticket:half", "{half"], ["ticket:gone"], [7, "{}"], "ticket:text", null, ["ticket:object", {}]];
  const forms = {
    "a Map": async (entries) => new Map([odd[0], ...entries]),
    "a list": async (entries) => [...odd, ...entries],
    "a generator": async (entries) =>
      (function* () {
        yield* odd;
        yield* entries;
      })(),
    "no promise": (entries) => [...odd, ...entries].values(),
  };
  for (const [name, form] of Object.entries(forms)) {
    const { id, store, client } = await abandoned();
    const entries = [...(await store.getAll())];
    const kept = {};
    const wrapped = { ...store, getAll: () => form(entries), put: (key, value) => void (kept[key] = value), delete() {} };
    const resumed = await client({ store: wrapped }).resume();
    assert.deepEqual(new Set(resumed.map(({ ticket, id }) => id ?? ticket)), new Set([id, "half"]), name);
    assert.equal((await caught(resumed.find(({ ticket }) => ticket === "half").done)).code, "store", name);
    await resumed.find((one) => one.id === id).done;
    assert.equal(kept["quarantine:half"], '"{half"', `${name}: kept as its text`);
  }
});

test("why the entries cannot be had is told, in the store's own words", async () => {
  const failures = {
    "the disk is full": [broken, rejecting, async () => Promise.reject("the disk is full"), async () => interrupted()],
    "not iterable": [() => undefined, async () => undefined, async () => 7],
    "no room: the disk is full": [async () => Promise.reject(new Error("no room", { cause: new Error("the disk is full") }))],
  };
  for (const [words, ways] of Object.entries(failures)) {
    for (const getAll of ways) {
      const { client } = world();
      const error = await caught(client({ store: { ...memoryStore(), getAll } }).resume());
      assert.equal(error.code, "store");
      assert.ok(error.message.includes(words), `${error.message}: ${words}`);
    }
  }
});

test("a write that cannot be made stops a creation before it is sent, however it fails", async () => {
  for (const put of [broken, rejecting]) {
    const { simulator, client } = world();
    const unhandled = await unhandledIn(async () => {
      const error = await caught(client({ store: { ...memoryStore(), put } }).generate(TIGER));
      assert.deepEqual([error.code, /the disk is full/.test(error.message)], ["store", true]);
    });
    assert.deepEqual([unhandled, (await simulator.generations()).length], [[], 0]);
  }
});

test("writes that fail once the job is made cost no job, and end no program", async () => {
  for (const fail of [broken, rejecting, async () => Promise.reject(undefined)]) {
    const { simulator, client } = world();
    let sent = false;
    const store = memoryStore();
    const after =
      (name) =>
      (...given) =>
        sent ? fail() : store[name](...given);
    const fetch = (...given) => ((sent = true), simulator.fetch(...given));
    const one = client({ fetch, store: { ...store, put: after("put"), delete: after("delete") } });
    const unhandled = await unhandledIn(async () => {
      assert.equal((await one.generate(TIGER)).state, "completed");
      assert.equal((await caught(one.generate(TIGER))).code, "store");
    });
    assert.deepEqual(unhandled, []);
    assert.equal((await simulator.generations()).length, 1, "without its ticket nothing more is sent");
  }
});

test("a store may give no promises", async () => {
  const { client } = world();
  const entries = new Map();
  const store = { getAll: () => entries, put: (key, value) => void entries.set(key, value), delete: (key) => entries.delete(key) };
  assert.equal((await client({ store }).generate(TIGER)).state, "completed");
  assert.deepEqual(
    [...entries.keys()].filter((key) => key.startsWith("ticket:")),
    [],
  );
});

test("a call settles when its writes are durable, also one that is aborted", async () => {
  const { client } = world();
  const store = memoryStore();
  let held = false;
  const open = [];
  const durable =
    (name) =>
    async (...given) => {
      if (held) await new Promise((resolve) => open.push(resolve));
      return store[name](...given);
    };
  const one = client({ store: { ...store, put: durable("put"), delete: durable("delete") } });
  const release = () => {
    held = false;
    for (const resolve of open.splice(0)) resolve();
  };

  let settled = false;
  const onUpdate = ({ state }) => (held = state === "completed");
  const done = one.generate(TIGER, { onUpdate }).finally(() => (settled = true));
  await until(() => open.length);
  await soon(20);
  assert.equal(settled, false, "its ticket's removal is under way");
  release();
  assert.equal((await done).state, "completed");
  assert.deepEqual((await one.resume()).length, 0);

  // Its ticket is on its way into the store when the caller leaves.
  settled = false;
  held = true;
  const leave = new AbortController();
  const left = caught(one.generate(TIGER, { signal: leave.signal })).finally(() => (settled = true));
  await until(() => open.length);
  leave.abort();
  await soon(20);
  assert.equal(settled, false, "what it had begun to write is waited for");
  release();
  assert.equal((await left).code, "aborted");
});

test("a call waits for no other call's writes", async () => {
  const { client } = world();
  const store = memoryStore();
  const one = client({ store: { ...store, put: never } });
  one.create(TIGER).catch(() => {});
  await soon();
  assert.deepEqual(await one.validate(TIGER), []);
  assert.equal(typeof (await one.ping()), "string");
});

test("a lock that comes when nobody waits for it is released, and one that fails then ends no program", async () => {
  const { store, client } = await abandoned();
  let released = 0;
  for (const [outcome, late] of [
    [1, async () => () => released++],
    [0, rejecting],
    [0, async () => undefined],
  ]) {
    released = 0;
    let settle;
    const lock = () => new Promise((resolve) => (settle = () => resolve(late())));
    const leave = new AbortController();
    const unhandled = await unhandledIn(async () => {
      const [{ done }] = await client({ store: { ...store, lock } }).resume({ signal: leave.signal });
      await until(() => settle);
      leave.abort();
      assert.equal((await caught(done)).code, "aborted");
      settle();
      await soon(20);
    });
    assert.deepEqual([unhandled, released], [[], outcome]);
  }
  const [{ done }] = await client().resume();
  assert.equal((await done).state, "completed");
});

test("a lock is released once, when its work is over; a release that throws costs nothing", async () => {
  const { store, client } = await abandoned();
  const held = new Map();
  const lock = async (key) => {
    held.set(key, 1);
    return () => {
      held.set(key, held.get(key) - 1);
      throw new Error("no matter");
    };
  };
  const [{ done }] = await client({ store: { ...store, lock } }).resume();
  assert.equal((await done).state, "completed");
  await until(() => [...held.values()].every((count) => count === 0));
  assert.ok(held.size > 0);
});

test("a lock that throws or rejects is told of, and is not taken for another client's", async () => {
  for (const lock of [broken, rejecting]) {
    const { store, client, simulator } = await abandoned();
    const [{ done }] = await client({ store: { ...store, lock } }).resume();
    const error = await caught(done);
    assert.deepEqual([error.code, /the disk is full/.test(error.message)], ["store", true]);
    assert.equal((await simulator.generations()).length, 1);
    assert.equal((await client().resume()).length, 1, "the ticket stays");
  }
});

test("a change of the store ends the wait for another client's lock", async () => {
  const { store, client, simulator } = await abandoned();
  let free = false;
  let told;
  const signals = [];
  const changed = (signal) => (signals.push(signal), new Promise((resolve) => (told = resolve)));
  const lock = async () => (free ? () => {} : undefined);
  const clock = standingClock();
  const [{ done }] = await client({ clock, store: { ...store, lock, changed } }).resume();
  await until(() => told);
  await soon();
  const asked = signals.length;
  told(); // for no reason: it is still another's
  await until(() => signals.length > asked);
  free = true;
  await simulator.clock.sleep(600_000);
  told();
  // Time has not moved for the client: only the news made it go on.
  await until(() => clock.sleeps.some(({ signal }) => signal.aborted));
  const leave = setInterval(() => clock.sleeps.forEach(({ end }) => end()), 1);
  assert.equal((await done).state, "completed");
  clearInterval(leave);
  assert.ok(
    signals.slice(0, 2).every(({ aborted }) => !aborted),
    "what is over is not aborted",
  );
});

test("where the store cannot tell of changes, time does; who leaves does not listen on", async () => {
  for (const changed of [undefined, broken, rejecting]) {
    const { store, client } = await abandoned();
    let asked = 0;
    const lock = async () => (asked++ < 2 ? undefined : () => {});
    const [{ done }] = await client({ store: { ...store, lock, changed } }).resume();
    assert.equal((await done).state, "completed");
    assert.ok(asked > 2);
  }
  const { store, client } = await abandoned();
  const leave = new AbortController();
  const signals = [];
  const changed = (signal) => (signals.push(signal), never());
  const [{ done }] = await client({ clock: standingClock(), store: { ...store, lock: async () => undefined, changed } }).resume({
    signal: leave.signal,
  });
  await until(() => signals.length);
  leave.abort();
  assert.ok(
    signals.every(({ aborted }) => aborted),
    "at once",
  );
  assert.equal((await caught(done)).code, "aborted");
});

test("a put that never settles holds neither an abort nor a deadline, nor a finished job for long", async () => {
  const { client } = world();
  for (const [begin, code] of [
    [(one) => one.generate(TIGER, { timeout: 1000 }), "timeout"],
    [
      (one) => {
        const leave = new AbortController();
        setTimeout(() => leave.abort(), 50);
        return one.generate(TIGER, { signal: leave.signal });
      },
      "aborted",
    ],
  ]) {
    const one = client({ store: { ...memoryStore(), put: never } });
    const outcome = await Promise.race([caught(begin(one)), soon(5000)]);
    assert.equal(outcome?.code, code);
  }
});

/** The timers of so many ms as `ms` would have them, until the test is over. */
function timers(t, changed) {
  const { setTimeout: timer } = globalThis;
  t.after(() => (globalThis.setTimeout = timer));
  globalThis.setTimeout = (work, ms, ...rest) => timer(work, changed[ms] ?? ms, ...rest);
}

test("a store that does not answer delays no result beyond its caller's deadline or signal", async (t) => {
  timers(t, { 10000: 1_000_000 }); // how long a write may take where nobody gives up
  const fetch = async (_url, { method }) => json(DONE, method === "POST" ? 201 : 200);
  const client = (store) => createClient({ apiKey: `store-faults-${accounts++}`, fetch, store: { ...memoryStore(), ...store } });
  assert.equal((await client({ delete: never }).generate(TIGER, { timeout: 300 })).state, "completed");
  const leave = new AbortController();
  const remove = () => {
    setTimeout(() => leave.abort(), 1);
    return never();
  };
  assert.equal((await client({ delete: remove }).generate(TIGER, { signal: leave.signal })).state, "completed");
  const error = await caught(client({ getAll: never }).resume({ timeout: 100 }));
  assert.deepEqual([error.code, /store/.test(error.message)], ["timeout", true]);
});

test("what a store does not answer within half a minute is an error, and nothing was sent", async (t) => {
  timers(t, { 30000: 1 });
  for (const silent of [{ put: never }, { lock: never }, { getAll: never, put: never }]) {
    const { simulator, client } = world();
    const error = await caught(client({ store: { ...memoryStore(), ...silent } }).generate(TIGER));
    assert.deepEqual([error.code, /has not answered for 30 s/.test(error.message)], ["store", true], Object.keys(silent).join());
    assert.equal((await simulator.generations()).length, 0);
  }
  const { client } = world();
  assert.equal((await caught(client({ store: { ...memoryStore(), getAll: never } }).resume())).code, "store");
});

test("who is told that an outcome is not known has the ticket still; then it goes", async () => {
  const entries = new Map();
  const store = {
    getAll: async () => [...entries],
    put: async (key, value) => void entries.set(key, value),
    delete: async (key) => void entries.delete(key),
  };
  const tickets = () => [...entries.keys()].filter((key) => key.startsWith("ticket:")).length;
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  const apiKey = `luma-api-store-faults-${accounts++}`;
  const one = createClient({ provider: "agents", apiKey, baseUrl: "https://a.example", idempotencyKeys: false, fetch, store });
  const lost = ["a tiger", "a tiger", "a fox"].map((prompt) => caught(one.create({ model: "ray-3.2", prompt })));
  assert.deepEqual(
    (await Promise.all(lost)).map(({ code }) => code),
    Array(3).fill("unknown_outcome"),
  );
  const resumed = await one.resume();
  assert.equal(resumed.length, 3);
  const had = [];
  for (const { ticket, done } of resumed) done.catch(({ code }) => had.push([code, entries.has(`ticket:${ticket}`)]));
  await Promise.allSettled(resumed.map(({ done }) => done));
  assert.deepEqual(had, Array(3).fill(["unknown_outcome", true]));
  await until(() => tickets() === 0);
  assert.equal([...entries.keys()].filter((key) => key.startsWith("tombstone:")).length, 3);
  assert.deepEqual(await one.resume(), []);
});
