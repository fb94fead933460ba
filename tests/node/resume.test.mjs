// Tickets as a caller in Node meets them: what an abort, a crash or a broken store leaves, and what `resume` makes of it. All
// that can go wrong between two clients, for thousands of days, is tested natively.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { memoryStore } from "luma-edge/stores";
import { fileStore } from "luma-edge/stores/node";
import { simulate } from "./luma-edge.mjs";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
const BEAR = { model: "photon-flash-1", prompt: "A teddy bear" };

let accounts = 0;
/** A simulator, and clients of one account of it. */
function world(given) {
  const simulator = createSimulator({ clock: "auto", ...given });
  const apiKey = `key-${accounts++}`;
  const client = (options) => createClient({ apiKey, fetch: simulator.fetch, clock: simulator.clock, ...options });
  return { simulator, client };
}

/** A store whose writes fail while `broken` says why. */
function brittle() {
  const store = memoryStore();
  const guarded = { broken: undefined };
  for (const name of ["getAll", "put", "delete"]) {
    guarded[name] = async (...args) => {
      if (guarded.broken) throw new Error(guarded.broken);
      return store[name](...args);
    };
  }
  return guarded;
}

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );
const entries = async (store, prefix = "ticket:") => [...(await store.getAll())].filter(([key]) => key.startsWith(prefix));
const made = async (simulator) => (await simulator.generations()).length;

/** Starts a job and aborts when it is told of in that state. */
async function abandoned(client, request, state) {
  const leave = new AbortController();
  const onUpdate = (update) => update.state === state && leave.abort();
  return caught(client.generate(request, { signal: leave.signal, onUpdate }));
}

const places = {
  "the memory of the client": () => undefined,
  memoryStore: () => {
    const store = memoryStore();
    return () => store;
  },
  fileStore: async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "luma-edge-resume-"));
    t.after(() => rm(folder, { recursive: true }));
    return () => fileStore(folder);
  },
};

for (const [name, place] of Object.entries(places)) {
  test(`${name}: a job whose waiting was aborted is taken up again, once`, async (t) => {
    const { simulator, client } = world();
    const store = await place(t);
    const first = client({ store: store?.() });
    const error = await abandoned(first, TIGER, "dreaming");
    assert.equal(error.code, "aborted");

    const next = store ? client({ store: store() }) : first;
    const updates = [];
    const [resumed, ...more] = await next.resume({ onUpdate: (update, ticket) => updates.push([ticket, update.state]) });
    assert.deepEqual([more, resumed.id, resumed.request.prompt], [[], error.generation.id, TIGER.prompt]);
    const tiger = await resumed.done;
    assert.deepEqual([tiger.id, tiger.state, Boolean(tiger.assets.video)], [error.generation.id, "completed", true]);
    assert.deepEqual(updates.at(-1), [resumed.ticket, "completed"]);
    assert.deepEqual([await next.resume(), await first.resume()], [[], []], "what was delivered is not delivered again");
    if (store) assert.deepEqual(await entries(store()), []);
    assert.equal(await made(simulator), 1);
  });
}

test("a process that is killed loses nothing", async (t) => {
  const { baseUrl, look } = await simulate(t, "--speed", "60");
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-crash-"));
  t.after(() => rm(folder, { recursive: true }));
  // As fast as the simulator, from the same moment in each process.
  const options = `{
    apiKey: "any-key", baseUrl: ${JSON.stringify(baseUrl)}, store: fileStore(${JSON.stringify(folder)}),
    clock: { now: () => ${Date.now()} + (Date.now() - ${Date.now()}) * 60, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 60)) },
  }`;
  const program = (act) => `
    import { createClient } from "luma-edge";
    import { fileStore } from "luma-edge/stores/node";
    const client = createClient(${options});
    ${act}`;
  const run = (act) => spawn(process.execPath, ["--input-type=module", "--eval", program(act)], { stdio: ["ignore", "pipe", "inherit"] });

  const doomed = run(
    `for (const name of ["red", "green", "blue"]) client.generate({ model: "ray-2", prompt: "A fox, " + name }, { onUpdate: () => console.log(name) });`,
  );
  doomed.stdout.setEncoding("utf8");
  let told = "";
  for await (const chunk of doomed.stdout) {
    told += chunk;
    if (["red", "green", "blue"].every((name) => told.includes(name))) doomed.kill("SIGKILL");
  }
  assert.equal((await readdir(folder)).filter((name) => /^ticket.*json$/.test(name)).length, 3);

  const heir = run(`for (const { done } of await client.resume()) done.then(({ request, state }) => console.log(request.prompt, state));`);
  heir.stdout.setEncoding("utf8");
  let delivered = "";
  heir.stdout.on("data", (chunk) => (delivered += chunk));
  assert.deepEqual(await once(heir, "close"), [0, null]);
  assert.deepEqual(
    delivered.trim().split("\n").sort(),
    ["blue", "green", "red"].map((name) => `A fox, ${name} completed`),
  );
  assert.deepEqual(
    (await readdir(folder)).filter((name) => /^ticket.*json$/.test(name)),
    [],
  );
  assert.equal((await look("generations")).length, 3);
});

// At agents nothing else knows of the job.
test("a process that is killed while it writes down the id of its job does not lose it", async (t) => {
  const { root, look } = await simulate(t, "--speed", "60");
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-crash-"));
  t.after(() => rm(folder, { recursive: true, maxRetries: 5 }));
  const options = { provider: "agents", apiKey: "luma-api-any", baseUrl: `${root}/agents/v1` };
  const program = `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    import { createClient } from "luma-edge";
    import { fileStore } from "luma-edge/stores/node";
    const { rename } = fs;
    fs.rename = async (from, to) => {
      if (to.endsWith(".json") && JSON.parse(await fs.readFile(from)).job) process.kill(process.pid, "SIGKILL");
      return rename(from, to);
    };
    syncBuiltinESMExports();
    await createClient({ ...${JSON.stringify(options)}, store: fileStore(${JSON.stringify(folder)}) }).create({ model: "uni-1", prompt: "A fox" });`;
  const doomed = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: import.meta.dirname, stdio: "inherit" });
  assert.deepEqual(await once(doomed, "exit"), [null, "SIGKILL"]);
  const made = await look("generations");
  const { clock } = createSimulator({ clock: 60 });
  const resumed = await createClient({ ...options, clock, store: fileStore(folder) }).resume();
  assert.deepEqual(
    resumed.map(({ id, request }) => [id, request.prompt]),
    made.map(({ id }) => [id, "A fox"]),
  );
  assert.equal((await resumed[0].done).state, "completed");
});

test("aborted while it waits for its turn, a creation leaves nothing", async () => {
  const { simulator, client } = world();
  const store = memoryStore();
  const one = client({ store, limits: { video: { concurrent: 1 } } });
  let running;
  await new Promise((told) => (running = one.generate(TIGER, { onUpdate: told })));
  const error = await abandoned(one, { ...TIGER, prompt: "Another tiger" }, "waiting");
  assert.deepEqual([error.code, error.creation, error.generation], ["aborted", undefined, undefined]);
  await running;
  assert.deepEqual([await one.resume(), await entries(store), await made(simulator)], [[], [], 1]);
});

/** Aborts a creation that is on its way, before or after it arrives. */
async function cutOff({ simulator, client }, store, arrives) {
  const leave = new AbortController();
  const fetch = async (url, { signal, ...init }) => {
    if (arrives) await simulator.fetch(url, init);
    queueMicrotask(() => leave.abort());
    return new Promise(() => {});
  };
  return caught(client({ store, fetch }).generate(BEAR, { signal: leave.signal }));
}

test("aborted while it is sent, a creation is looked for: found, it is delivered", async () => {
  const here = world();
  const store = memoryStore();
  const error = await cutOff(here, store, true);
  assert.deepEqual([error.code, error.creation.request.prompt, typeof error.creation.sentAt], ["aborted", BEAR.prompt, "number"]);

  const [resumed] = await here.client({ store }).resume();
  assert.deepEqual([resumed.ticket, resumed.id], [error.creation.ticket, undefined]);
  assert.equal((await resumed.done).state, "completed");
  assert.deepEqual([await made(here.simulator), await entries(store)], [1, []]);
});

test("aborted while it is sent, a creation is looked for: not found, it is not sent again", async () => {
  const here = world();
  const store = memoryStore();
  await cutOff(here, store, false);
  const [{ done }] = await here.client({ store }).resume();
  assert.equal((await caught(done)).code, "aborted");
  assert.deepEqual([await made(here.simulator), await entries(store)], [0, []]);
});

test("a resume that is aborted leaves the ticket for the next", async () => {
  const { simulator, client } = world();
  const one = client({ store: memoryStore() });
  const error = await abandoned(one, TIGER, "queued");
  const leave = new AbortController();
  const [first] = await one.resume({ signal: leave.signal });
  leave.abort();
  assert.equal((await caught(first.done)).code, "aborted");
  const [second] = await one.resume({ timeout: 1_000 });
  assert.equal((await caught(second.done)).code, "timeout");
  const [third] = await one.resume();
  assert.equal((await third.done).id, error.generation.id);
  assert.equal(await made(simulator), 1);
});

test("resume twice at once, as pages do, gives each job whole", async () => {
  const { simulator, client } = world();
  const one = client({ store: memoryStore() });
  await abandoned(one, TIGER, "queued");
  const twice = (await Promise.all([one.resume(), one.resume()])).flat();
  assert.ok(twice.length >= 1);
  for (const { done } of twice) assert.equal((await done).state, "completed");
  assert.equal(await made(simulator), 1);
});

test("a ticket that cannot be read is set aside and stops no other", async () => {
  const { client } = world();
  const store = memoryStore();
  const one = client({ store });
  await abandoned(one, TIGER, "queued");
  const [[, good]] = await entries(store);
  const bad = {
    "half-written": good.slice(0, 40),
    empty: "",
    "a-list": "[]",
    "without-a-request": "{}",
    "of-another-day": JSON.stringify({ v: 99 }),
  };
  for (const [name, value] of Object.entries(bad)) await store.put(`ticket:${name}`, value);

  const next = client({ store });
  const resumed = await next.resume();
  assert.equal(resumed.length, 6);
  for (const { ticket, done } of resumed) {
    if (!(ticket in bad)) assert.equal((await done).state, "completed");
    else assert.deepEqual([ticket, (await caught(done)).code], [ticket, "store"]);
  }
  assert.deepEqual((await entries(store, "quarantine:")).map(([key, value]) => [key.slice("quarantine:".length), value]).sort(), [
    ["a-list", "[]"],
    ["empty", '""'],
    ["half-written", JSON.stringify(bad["half-written"])],
    ["without-a-request", "{}"],
  ]);
  assert.deepEqual(
    (await next.resume()).map(({ ticket }) => ticket),
    ["of-another-day"],
    "a newer version will know what to do with it",
  );
});

test("one that nobody looks at ends no program", async () => {
  const { client } = world();
  const store = memoryStore();
  await store.put("ticket:bad", "{");
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  await client({ store }).resume();
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("a ticket that cannot be written stops the creation before it is sent", async () => {
  const { simulator, client } = world();
  const store = brittle();
  const one = client({ store });
  store.broken = "the disk is full";
  const error = await caught(one.generate(TIGER));
  assert.deepEqual([error.code, /the disk is full/.test(error.message), error.creation], ["store", true, undefined]);
  assert.equal((await simulator.stats()).requests.video, undefined);
  assert.deepEqual([(await caught(one.resume())).code], ["store"]);

  store.broken = undefined;
  assert.equal((await one.generate(TIGER)).state, "completed");
  assert.deepEqual(await one.resume(), [], "what was not sent is not sent later");
});

test("a store that breaks once the creation is sent costs no job", async () => {
  const { client } = world();
  const store = brittle();
  const one = client({ store, onEvent: ({ type }) => type === "request" && (store.broken = "the disk is gone") });
  assert.equal((await one.generate(TIGER)).state, "completed");
});

test("a lock that fails is told, and is not one that another has", async () => {
  const { simulator, client } = world();
  const store = memoryStore();
  await client({ store }).create(TIGER);
  const broken = client({ store: { ...store, lock: async () => Promise.reject(new Error("the disk is read-only")) } });
  const [{ done }] = await broken.resume();
  for (const call of [done, broken.generate(BEAR)]) {
    const { code, message } = await caught(call);
    assert.deepEqual([code, /the disk is read-only/.test(message)], ["store", true]);
  }
  assert.equal(await made(simulator), 1);
  assert.equal((await client({ store }).resume()).length, 1);
});

test("something that is no store is refused when the client is made", () => {
  assert.throws(() => createClient({ apiKey: "any-key", store: new Map() }), { code: "invalid_request", message: /store.*getAll/ });
});

test("who waits for a turn is told its place and how long it may take", async () => {
  const { client } = world({ durations: 75_000 });
  const one = client({ limits: { video: { concurrent: 1 } } });
  const waits = [[], [], []];
  const jobs = waits.map((told, index) =>
    one.generate({ ...TIGER, prompt: `Tiger ${index}` }, { onUpdate: (update) => update.state === "waiting" && told.push(update) }),
  );
  await Promise.all(jobs);
  assert.deepEqual(waits[0], []);
  const places = (told) => [...new Set(told.map(({ queue }) => queue.position))];
  assert.deepEqual([places(waits[1]), places(waits[2])], [[0], [1, 0]]);
  assert.ok(waits[1].length > 5, "told again and again: the wait goes down");
  const [{ queue, progress }] = waits[2];
  assert.ok(queue.wait > 120_000 && queue.wait < 180_000, `two usual times: ${queue.wait}`);
  assert.deepEqual(progress, { elapsed: 0, expected: 75_000, confidence: 0, fraction: 0 });
});

test("what to expect is learnt from what was seen, also by the next client of the store", async () => {
  const { client } = world({ durations: 30_000 });
  const store = memoryStore();
  const last = async (one) => {
    let known;
    await one.generate(TIGER, { onUpdate: ({ progress }) => (known = progress) });
    return known;
  };
  const one = client({ store });
  const progress = [];
  for (let i = 0; i < 6; i++) progress.push(await last(one));
  progress.push(await last(client({ store })));
  const [first, sixth, next] = [progress[0], progress[5], progress[6]];
  assert.deepEqual([first.expected, first.confidence], [75_000, 0]);
  for (const { expected, confidence } of [sixth, next])
    assert.ok(Math.abs(expected - 30_000) < 6_000 && confidence > 0.4, `${expected} ${confidence}`);
});

test("two clients with one key keep its limits together; another key has its own", async () => {
  const { simulator, client } = world();
  const limits = { video: { concurrent: 2 } };
  const clients = [client({ limits }), client({ limits })];
  const jobs = clients.flatMap((one) => [0, 1, 2].map((index) => one.generate({ ...TIGER, prompt: `Tiger ${index}` })));
  const others = createClient({ apiKey: "another-key", fetch: simulator.fetch, clock: simulator.clock, limits });
  const places = [];
  await others.create(TIGER, { onUpdate: ({ queue }) => places.push(queue) });
  await Promise.all(jobs);
  assert.deepEqual(places.filter(Boolean), []);
  const { maxRunning, created } = await simulator.stats();
  assert.deepEqual([maxRunning.video, created.video], [3, 7]);
});

test("a job that is kept comes back with its label until its file was read to the end", async (t) => {
  for (const [name, place] of Object.entries(places)) {
    const { simulator, client } = world();
    const store = await place(t);
    const first = client({ store: store?.() });
    const tiger = await first.generate(TIGER, { keep: true, label: "scene 1" });
    const other = () => (store ? client({ store: store() }) : first);
    // As after a crash while the file was downloaded, twice.
    for (let life = 0; life < 2; life++) {
      const [kept, ...more] = await other().resume();
      assert.deepEqual([more, kept.id, kept.label, kept.state], [[], tiger.id, "scene 1", "completed"], name);
      const response = await other().download(await kept.done, { acknowledge: true });
      await response.body.cancel();
    }
    const last = other();
    const [{ done }] = await last.resume();
    const pieces = [];
    const file = await last.download(await done, { acknowledge: true, onProgress: ({ received }) => pieces.push(received) });
    assert.equal((await file.blob()).size, pieces.at(-1));
    assert.deepEqual(await other().resume(), [], name);
    if (store) assert.deepEqual(await entries(store()), []);
    assert.equal(await made(simulator), 1);
  }
});

test("acknowledge takes a ticket, a generation or its id, and only when the job is finished", async () => {
  const { client } = world();
  const { generate, create, poll, resume, acknowledge } = client();
  for (const name of [({ ticket }) => ticket, ({ id }) => id, ({ id }) => ({ id }), ({ done }) => done]) {
    await generate(BEAR, { keep: true });
    const [kept] = await resume();
    await acknowledge(await name(kept));
    await acknowledge(await name(kept));
    assert.deepEqual(await resume(), []);
  }
  const running = await create(BEAR, { keep: true });
  const { code, message } = await caught(acknowledge(running));
  assert.deepEqual([code, message.includes(running.id)], ["invalid_request", true]);
  await poll(running);
  const [{ label, state }] = await resume();
  assert.deepEqual([label, state], [undefined, "completed"]);
  for (const nothing of [undefined, "", { id: "" }]) assert.equal((await caught(acknowledge(nothing))).code, "invalid_request");
  assert.equal((await caught(generate(BEAR, { keep: "yes" }))).code, "invalid_request");
});

test("each job of a batch has a label of its own", async () => {
  const { client } = world();
  const { generateAll, resume } = client();
  await generateAll([BEAR, TIGER], { keep: true, label: (index) => `scene ${index}` });
  const kept = await resume();
  assert.deepEqual(kept.map(({ label, request }) => [label, request.model]).sort(), [
    ["scene 0", BEAR.model],
    ["scene 1", TIGER.model],
  ]);
});
