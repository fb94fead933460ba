// Batches as built, in Node, on the simulator's virtual time: what a caller of `generateAll` sees. That the engine keeps the
// limits to the ms is tested in tests/jobs/limits.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, LumaError } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { unhandledIn } from "./scripted.mjs";

let accounts = 0;
/** A client and its simulator, in one time. Each has an account of its own: limits are shared by all clients of one. */
function world({ simulator: given, ...options } = {}) {
  const simulator = createSimulator({ clock: "auto", ...given });
  const client = createClient({ apiKey: `key-${accounts++}`, fetch: simulator.fetch, clock: simulator.clock, ...options });
  return { simulator, client };
}

const picture = (index) => ({ model: "photon-flash-1", prompt: `Bear ${index}` });
const video = (index) => ({ model: "ray-flash-2", prompt: `Tiger ${index}` });
/** Two thirds pictures, as many as there are places for. */
const mixed = (index) => (index % 3 ? picture(index) : video(index));
const list = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** Requests that are made as they are asked for, and what was asked for. */
function lazily(count, make) {
  const asked = { count: 0, left: false };
  function* requests() {
    try {
      while (asked.count < count) yield make(asked.count++);
    } finally {
      asked.left = asked.count < count;
    }
  }
  return { asked, requests: requests() };
}

const prompts = (results) => results.map(({ value }) => value?.request.prompt);
const codes = (results) => results.map(({ status, reason }) => (status === "fulfilled" ? status : reason.code));

test("six hundred requests, awaited: every result in its place, nothing refused on the way", async () => {
  const { client, simulator } = world();
  const requests = list(600, mixed);
  const results = await client.generateAll(requests);
  assert.deepEqual(
    results.map(({ index }) => index),
    list(600, (index) => index),
  );
  assert.ok(results.every(({ request, index }) => request === requests[index]));
  assert.deepEqual(
    prompts(results),
    requests.map(({ prompt }) => prompt),
  );
  const { created, limited, maxRunning, statuses } = await simulator.stats();
  assert.deepEqual({ created, limited }, { created: { video: 200, image: 400 }, limited: { concurrent: 0, perMinute: 0 } });
  assert.deepEqual([maxRunning.video, statuses["429"]], [10, undefined]);
});

test("iterated, results come as they are done, each once", async () => {
  const { client } = world();
  const order = [];
  for await (const { index, status } of client.generateAll([
    video(0),
    picture(1),
    { ...picture(2), prompt: "Bear 2 [slow]" },
    picture(3),
  ])) {
    assert.equal(status, "fulfilled");
    order.push(index);
  }
  assert.deepEqual(order.toSorted(), [0, 1, 2, 3]);
  assert.deepEqual(order.slice(0, 2).toSorted(), [1, 3], "the quick ones first");
});

test("of five thousand requests at most 500 are in hand, and a slow reader holds the rest back", async () => {
  // That the time goes by is not what is tested.
  const { client } = world({ limits: "none", simulator: { limits: "none", durations: 1_000 } });
  const { asked, requests } = lazily(5_000, picture);
  let got = 0;
  let most = 0;
  for await (const { status } of client.generateAll(requests)) {
    assert.equal(status, "fulfilled");
    got++;
    most = Math.max(most, asked.count - got);
    // One that looks away for a while.
    if (got === 100) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual([got, asked.count], [5_000, 5_000]);
  assert.ok(most > 400 && most <= 500, `${most} in hand`);
});

test("an asynchronous source is taken as it comes", async () => {
  const { client } = world();
  async function* upload() {
    for (const index of [0, 1, 2]) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield picture(index);
    }
  }
  assert.deepEqual(prompts(await client.generateAll(upload())), ["Bear 0", "Bear 1", "Bear 2"]);
});

test("one that fails fails alone, and so does one that is no request", async () => {
  const { client, simulator } = world();
  const refused = { ...picture(1), prompt: "Bear 1 [fail:moderation]" };
  const results = await client.generateAll([picture(0), refused, { model: "photon-1", prompt: "x" }, undefined, picture(4)]);
  assert.deepEqual(codes(results), ["fulfilled", "moderated", "invalid_request", "invalid_request", "fulfilled"]);
  assert.ok(results.slice(1, 4).every(({ reason }) => reason instanceof LumaError));
  assert.deepEqual(
    [results[1].reason.generation.failure.code, results[2].reason.problems[0].path, results[3].request],
    ["moderation", "prompt", undefined],
  );
  assert.equal((await simulator.generations()).length, 3);
});

test("a label that cannot be told is told of, at its request", async () => {
  const { client, simulator } = world();
  const lost = new Error("no name for it");
  const fail = (index) => {
    if (index === 1) throw lost;
    return `bear-${index}`;
  };
  const results = await client.generateAll(list(3, picture), { label: fail });
  assert.deepEqual(codes(results), ["fulfilled", "invalid_request", "fulfilled"]);
  const { reason } = results[1];
  assert.ok(reason instanceof LumaError && reason.cause === lost && reason.message.includes(lost.message), reason.message);
  assert.equal(reason.problems[0].path, "label");
  const unhandled = await unhandledIn(async () => {
    const [{ reason }] = await client.generateAll([picture(3)], {
      label: async () => {
        throw lost;
      },
    });
    assert.deepEqual([reason.code, reason.problems[0].path], ["invalid_request", "label"]);
  });
  assert.deepEqual(unhandled, []);
  assert.equal((await simulator.generations()).length, 2);
});

test("updates tell of which request they are", async () => {
  const { client } = world({ limits: { video: { concurrent: 1 } } });
  const states = [[], []];
  await client.generateAll(list(2, video), { onUpdate: ({ state }, index) => states[index].at(-1) === state || states[index].push(state) });
  assert.deepEqual(states, [
    ["queued", "dreaming", "completed"],
    ["waiting", "queued", "dreaming", "completed"],
  ]);
});

test("an abort stops the rest: a list is told of to its end", async () => {
  const { client, simulator } = world({ limits: { image: { concurrent: 2 } } });
  const leave = new AbortController();
  const reason = new Error("enough");
  const results = [];
  for await (const result of client.generateAll(list(700, picture), { signal: leave.signal })) {
    results.push(result);
    if (results.length === 3) leave.abort(reason);
  }
  assert.deepEqual(
    results.map(({ index }) => index).toSorted((a, b) => a - b),
    list(700, (index) => index),
  );
  const aborted = results.filter(({ status }) => status === "rejected");
  assert.ok(aborted.length >= 695 && aborted.every(({ reason: { code, cause } }) => code === "aborted" && cause === reason));
  const made = (await simulator.generations()).length;
  assert.ok(made <= 5, `${made} were made`);
  assert.equal(aborted.filter(({ reason }) => reason.generation || reason.creation).length, made - 3, "those under way say so");
});

test("an abort stops the rest: what is made on the way is asked for no more", async () => {
  const { client } = world({ limits: { image: { concurrent: 2 } } });
  const leave = new AbortController();
  const { asked, requests } = lazily(5_000, picture);
  const results = [];
  for await (const result of client.generateAll(requests, { signal: leave.signal })) {
    results.push(result);
    if (results.length === 3) leave.abort();
  }
  assert.ok(asked.count <= 504, `${asked.count} were asked for`);
  assert.ok(asked.count - results.length <= 1, "each that was asked for is told of, but one that came too late to be begun");
  assert.ok(asked.left, "the source was told that no more is wanted");
});

test("an abort is felt while the source keeps one waiting", async () => {
  const { client } = world();
  const leave = new AbortController();
  async function* source() {
    yield picture(0);
    await new Promise(() => {});
  }
  const results = [];
  for await (const result of client.generateAll(source(), { signal: leave.signal })) {
    results.push(result);
    setTimeout(() => leave.abort(), 5);
  }
  assert.deepEqual(codes(results), ["fulfilled"]);
});

test("leaving the loop stops the rest", async () => {
  const { client, simulator } = world({ limits: { image: { concurrent: 2 } } });
  const { asked, requests } = lazily(5_000, picture);
  for await (const { status } of client.generateAll(requests)) {
    assert.equal(status, "fulfilled");
    break;
  }
  const made = (await simulator.generations()).length;
  await simulator.advance(600_000);
  assert.ok(asked.count <= 502, `${asked.count} were asked for`);
  assert.equal((await simulator.generations()).length, made);
  await new Promise(setImmediate);
  assert.ok(asked.left, "the source was told that no more is wanted");
});

test("leaving the loop over a list begins none of the rest", async () => {
  const { client } = world({ limits: { image: { concurrent: 2 } } });
  let begun = 0;
  const label = (index) => {
    begun++;
    return `bear-${index}`;
  };
  for await (const { status } of client.generateAll(list(5_000, picture), { label })) {
    assert.equal(status, "fulfilled");
    break;
  }
  await new Promise(setImmediate);
  assert.ok(begun <= 502, `${begun} were begun`);
});

test("a signal that had aborted sends nothing", async () => {
  const { client, simulator } = world();
  assert.deepEqual(codes(await client.generateAll(list(3, picture), { signal: AbortSignal.abort() })), ["aborted", "aborted", "aborted"]);
  assert.equal((await simulator.generations()).length, 0);
});

test("a budget is kept: the client's by all, the batch's within it", async () => {
  const { client, simulator } = world({ budget: { usd: 1 } });
  const price = 0.1;
  const first = await client.generateAll(list(6, picture), { price, budget: { usd: 0.45 } });
  assert.deepEqual(codes(first).toSorted(), [...Array(2).fill("budget_exceeded"), ...Array(4).fill("fulfilled")]);
  const second = await client.generateAll(list(10, picture), { price });
  assert.equal(codes(second).filter((code) => code === "fulfilled").length, 6, "what is left of the client's");
  assert.equal((await simulator.generations()).length, 10);
});

test("a budget knows the published price, takes the caller's before it, and refuses what has none", async () => {
  const { client, simulator } = world();
  const known = await client.generateAll(list(4, picture), { budget: { usd: 0.012 } });
  assert.deepEqual(codes(known).toSorted(), ["budget_exceeded", "fulfilled", "fulfilled", "fulfilled"]); // $0.0039 each
  const [{ reason }] = await client.generateAll([{ ...picture(0), model: "photon-9" }], { budget: { usd: 1 } });
  assert.deepEqual([reason.code, /give the call a price/.test(reason.message)], ["budget_exceeded", true]);
  assert.equal((await simulator.generations()).length, 3);
});

test("a batch with a budget waits for refunds: what fails pays for what comes after it", async () => {
  const { client, simulator } = world();
  const failing = (index) => ({ ...picture(index), prompt: "A bear [fail:job]" });
  const price = 0.3;
  const results = await client.generateAll([...list(12, failing), ...list(8, picture)], { price, budget: { usd: 0.7 } });
  const count = (code) => codes(results).filter((found) => found === code).length;
  assert.deepEqual([count("generation_failed"), count("fulfilled"), count("budget_exceeded")], [12, 2, 6]);
  for (const { reason } of results.filter(({ reason }) => reason?.code === "budget_exceeded"))
    assert.match(reason.message, /^The request costs \$0\.30 and \$0\.10 of the batch's budget of \$0\.70 is left/);
  assert.equal((await simulator.generations()).length, 14);
});

test("a budget that makes no sense is told of, at every request", async () => {
  const { client, simulator } = world();
  const [{ reason }] = await client.generateAll([picture(0)], { budget: { usd: "1" } });
  assert.deepEqual([reason.code, reason.problems[0].path], ["invalid_request", "budget.usd"]);
  const [unknown] = await client.generateAll([picture(0)], { budget: { usd: 1, most: 2 } });
  assert.deepEqual([unknown.reason.code, unknown.reason.problems[0].path], ["invalid_request", "budget.most"]);
  assert.equal((await simulator.generations()).length, 0);
});

test("a batch is used once: another time would buy it again", async () => {
  const { client, simulator } = world();
  const batch = client.generateAll([picture(0)]);
  assert.equal((await simulator.generations()).length, 0, "it begins when it is used");
  const [first] = await batch;
  assert.equal((await batch)[0], first, "the same promise may be awaited again");
  assert.throws(() => batch[Symbol.asyncIterator](), { code: "invalid_request", message: /once/ });
  const iterated = client.generateAll([picture(1)]);
  for await (const { status } of iterated) assert.equal(status, "fulfilled");
  await assert.rejects(Promise.resolve(iterated), { code: "invalid_request", message: /once/ });
  assert.equal((await simulator.generations()).length, 2);
});

test("a source that throws ends the batch after what was begun", async () => {
  const { client } = world();
  const lost = new Error("the file with the prompts is gone");
  function* source() {
    yield picture(0);
    yield picture(1);
    throw lost;
  }
  const results = [];
  await assert.rejects(
    (async () => {
      for await (const result of client.generateAll(source())) results.push(result);
    })(),
    (error) => error === lost,
  );
  assert.deepEqual(codes(results), ["fulfilled", "fulfilled"]);
  await assert.rejects(Promise.resolve(client.generateAll(source())), (error) => error === lost);
  for (const given of [42, "text", undefined, null, {}]) {
    await assert.rejects(Promise.resolve(client.generateAll(given)), {
      code: "invalid_request",
      message: /^generateAll: requests: must be a list/,
    });
  }
});

test("no requests give no results", async () => {
  const { client } = world();
  assert.deepEqual(await client.generateAll([]), []);
});

test("Node is given no cause to warn of a leak", async () => {
  const { client } = world();
  const warnings = [];
  const warned = (warning) => warnings.push(warning.message);
  process.on("warning", warned);
  await client.generateAll(list(40, picture));
  await new Promise(setImmediate);
  process.off("warning", warned);
  assert.deepEqual(warnings, []);
});

test("a signal that serves many batches keeps no listener", async () => {
  const { client } = world();
  const { signal } = new AbortController();
  let listeners = 0;
  signal.addEventListener = new Proxy(signal.addEventListener, { apply: (f, self, args) => (listeners++, f.apply(self, args)) });
  signal.removeEventListener = new Proxy(signal.removeEventListener, { apply: (f, self, args) => (listeners--, f.apply(self, args)) });
  for (let i = 0; i < 5; i++) await client.generateAll([picture(i)], { signal });
  assert.equal(listeners, 0);
});
