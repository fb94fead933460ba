// The stores that run in Node; the others are stood in for here, and met in tests/browser/ and tests/package/.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { durableObjectStore, indexedDBStore, kvStore, memoryStore } from "luma-edge/stores";
import { fileStore } from "luma-edge/stores/node";
import { keepsContract, kept } from "../stores/contract.js";
import { caught, unhandledIn } from "./scripted.mjs";

const TICKET = "ticket:01jd-x7";

const places = {
  "memory, shared by its clients": () => {
    const store = memoryStore();
    return () => store;
  },
  "a folder": async (t) => {
    const folder = await emptyFolder(t);
    return () => fileStore(folder);
  },
  "a folder, one client for all": async (t) => {
    const store = fileStore(await emptyFolder(t));
    return () => store;
  },
  "Workers KV": () => {
    const namespace = keyValues();
    return () => kvStore(namespace);
  },
  "the storage of a Durable Object": () => {
    const storage = objectStorage();
    return () => durableObjectStore(storage);
  },
};

for (const [name, place] of Object.entries(places)) {
  test(`a store in ${name}`, async (t) => {
    assert.deepEqual(await keepsContract(await place(t), { many: name.includes("folder") ? 100 : 1200 }), kept());
  });
}

test("what is not ours in KV and in an object's storage stays out of sight", async () => {
  const [namespace, storage] = [keyValues(), objectStorage()];
  await namespace.put("luma", "somebody's");
  await storage.put("zebra", { of: "somebody's" });
  await kvStore(namespace, { prefix: "jobs/" }).put(TICKET, "{}");
  await durableObjectStore(storage, { prefix: "jobs/" }).put(TICKET, "{}");
  assert.deepEqual([...namespace.entries.keys()], ["luma", `jobs/${TICKET}`]);
  assert.deepEqual(await kvStore(namespace).getAll(), []);
  assert.deepEqual(await kvStore(namespace, { prefix: "jobs/" }).getAll(), [[TICKET, "{}"]]);
  assert.deepEqual(await durableObjectStore(storage).getAll(), []);
  assert.deepEqual(await durableObjectStore(storage, { prefix: "jobs/" }).getAll(), [[TICKET, "{}"]]);
});

test("a KV that is asked to write a key twice in a second gets the second write a second later", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.after(() => mock.timers.reset());
  const namespace = keyValues({ paced: true });
  const kept = [];
  const store = kvStore(namespace, { waitUntil: (promise) => kept.push(promise) });
  await store.put(TICKET, "1");
  let written = 0;
  const writes = Promise.all([store.put(TICKET, "2").then(() => written++), store.delete(TICKET).then(() => written++)]);
  for (const expected of [0, 1, 2]) {
    await new Promise(setImmediate);
    assert.equal(written, expected);
    mock.timers.tick(1_000);
  }
  await writes;
  assert.equal(namespace.entries.size, 0);
  assert.equal(kept.length, 3, "each write is told to waitUntil");
});

test("a write to KV that fails for another reason rejects, and holds up none", async () => {
  const namespace = keyValues();
  const { put } = namespace;
  namespace.put = async () => Promise.reject(new Error("KV PUT failed: 413 Payload Too Large"));
  const store = kvStore(namespace, { waitUntil: (promise) => promise });
  const failing = store.put(TICKET, "1");
  const next = store.delete(TICKET);
  await assert.rejects(failing, /413/);
  await next;
  namespace.put = put;
  await store.put(TICKET, "2");
  assert.deepEqual(await store.getAll(), [[TICKET, "2"]]);
});

// It never ends, when it belongs to a Worker's request that is over.
test("a write to KV that never ends holds up the next for ten seconds", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const namespace = keyValues();
  const store = kvStore(namespace);
  const { put } = namespace;
  namespace.put = () => new Promise(() => {});
  store.put(TICKET, "1");
  namespace.put = put;
  const next = store.put(TICKET, "2");
  await new Promise(setImmediate);
  assert.equal(namespace.entries.size, 0);
  mock.timers.tick(10_000);
  await next;
  assert.deepEqual([...namespace.entries.values()], ["2"]);
});

test("a read of a page's database that fails is one error, and no other that nobody handles", async (t) => {
  const broken = new Error("the disk cannot be read");
  const failing = () => {
    const request = { error: broken };
    setImmediate(() => request.onerror());
    return request;
  };
  const transaction = () => ({ objectStore: () => ({ getAllKeys: failing, getAll: failing }) });
  const opening = () => {
    const request = { result: { transaction } };
    setImmediate(() => request.onsuccess());
    return request;
  };
  globalThis.indexedDB = { open: opening };
  t.after(() => delete globalThis.indexedDB);
  const unhandled = await unhandledIn(async () => {
    assert.match((await caught(indexedDBStore().getAll())).message, /the disk cannot be read/);
  });
  assert.deepEqual(unhandled, []);
});

test("a folder may be given as a URL, and is its owner's alone", async (t) => {
  const folder = join(await emptyFolder(t), "new", "jobs");
  await fileStore(pathToFileURL(folder)).put(TICKET, "{}");
  assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "{}"]]);
  const [file, ...rest] = await readdir(folder);
  assert.deepEqual(rest, []);
  assert.match(file, /^[\w%.-]+$/, "a name for any file system");
  if (process.platform !== "win32")
    assert.deepEqual([(await stat(folder)).mode & 0o777, (await stat(join(folder, file))).mode & 0o777], [0o700, 0o600]);
});

test("what is deleted from a folder goes after what was written before it, whoever looks", async (t) => {
  const folder = await emptyFolder(t);
  const [worker, other] = [fileStore(folder), fileStore(folder)];
  for (let round = 0; round < 20; round++) {
    await worker.put(TICKET, "{}");
    const writes = [worker.put("tombstone:1", "{}".repeat(100_000)), worker.delete(TICKET)];
    let seen;
    do seen = new Map(await other.getAll());
    while (seen.has(TICKET));
    assert.ok(seen.has("tombstone:1"), `round ${round}`);
    await Promise.all(writes);
    await worker.delete("tombstone:1");
  }
});

test("any key is a file of its own, and stays in the folder", async (t) => {
  const folder = await emptyFolder(t);
  const keys = ["../outside", "/etc/passwd", "a/b", "a\\b", "A", "a", "%61", "é", "ticket:x.json", ".", "..", ""];
  for (const key of keys) await fileStore(folder).put(key, key);
  assert.deepEqual(new Map(await fileStore(folder).getAll()), new Map(keys.map((key) => [key, key])));
  const names = await readdir(folder);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, keys.length);
});

test("files that are somebody else's, broken or half-written do not keep the others from being read", async (t) => {
  const folder = await emptyFolder(t);
  const store = fileStore(folder);
  await store.put(TICKET, '{"state":"sent"}');
  const [entry] = await readdir(folder);
  await mkdir(join(folder, "folder.json"));
  await writeFile(join(folder, "%zz.json"), "{}");
  await writeFile(join(folder, "Notes.json"), "{}");
  await writeFile(join(folder, "notes.txt"), "mine");
  await writeFile(join(folder, "ticket%3abroken.json"), '{"state":');
  const [fresh, old] = ["6b1f5fd8-3f0e-4d4e-9d5f-0a4b7a4f0a01", "6b1f5fd8-3f0e-4d4e-9d5f-0a4b7a4f0a02"].map((id) => `${entry}.${id}`);
  for (const name of [fresh, old]) await writeFile(join(folder, name), '{"st');
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(folder, old), hoursAgo, hoursAgo);

  assert.deepEqual((await store.getAll()).sort(), [
    [TICKET, '{"state":"sent"}'],
    ["ticket:broken", '{"state":'],
  ]);
  const names = await readdir(folder);
  assert.deepEqual([names.includes(fresh), names.includes(old), names.includes("notes.txt")], [true, false, true]);
});

test("a folder that cannot be one is told of, with its path", async (t) => {
  const folder = join(await emptyFolder(t), "file");
  await writeFile(folder, "");
  for (const act of [
    (store) => store.getAll(),
    (store) => store.put(TICKET, "{}"),
    (store) => store.delete(TICKET),
    (store) => store.lock(TICKET),
  ]) {
    await assert.rejects(act(fileStore(folder)), (error) => error.message.includes(folder) && /ENOTDIR|EEXIST/.test(error.message));
  }
});

test("a lock leaves nothing behind", async (t) => {
  const folder = await emptyFolder(t);
  const store = fileStore(folder);
  const releases = await Promise.all(["ticket:1", "ticket:2", "ticket:3"].map((key) => store.lock(key)));
  for (const release of releases) release();
  const left = async () => (await readdir(folder)).length;
  while (await left()) await new Promise(setImmediate);
});

test("a lock that cannot be removed keeps no heartbeat going", async (t) => {
  const folder = await emptyFolder(t);
  const release = await fileStore(folder).lock("ticket");
  const [lock] = (await readdir(folder)).filter((name) => name.endsWith(".lock"));
  await rm(join(folder, lock));
  await mkdir(join(folder, lock)); // cannot be read as a file
  await Promise.resolve(release()).catch(() => {});
  const beating = async () => (await readdir(folder)).some((name) => name.endsWith(".alive"));
  for (const end = Date.now() + 2_000; await beating(); await new Promise(setImmediate)) assert.ok(Date.now() < end, "it goes on");
});

test("a process's locks are free as soon as it has died, and not before", async (t) => {
  const folder = await emptyFolder(t);
  const other = await holder(t, folder, { lease: 60_000 });
  const store = fileStore(folder);
  assert.equal(await store.lock(TICKET), undefined);
  other.child.kill("SIGKILL");
  await once(other.child, "exit");
  const rivals = await Promise.all(Array.from({ length: 6 }, () => fileStore(folder).lock(TICKET)));
  assert.equal(rivals.filter(Boolean).length, 1);
});

test("a dead process's lock that another has taken over meanwhile is left where it is", async (t) => {
  const folder = await emptyFolder(t);
  const lock = join(folder, "ticket%3a01jd-x7.lock");
  await writeFile(lock, crypto.randomUUID()); // without a heartbeat
  const { readFile, rename } = fs;
  let taken;
  t.mock.method(fs, "readFile", async (path, ...more) => {
    const content = await readFile(path, ...more);
    if (path === lock && !taken) {
      await rm(lock);
      taken = await fileStore(folder).lock(TICKET);
    }
    return content;
  });
  const moved = [];
  t.mock.method(fs, "rename", (from, to) => {
    moved.push(from);
    return rename(from, to);
  });
  syncBuiltinESMExports();
  t.after(() => (t.mock.restoreAll(), syncBuiltinESMExports()));
  assert.equal(await fileStore(folder).lock(TICKET), undefined);
  assert.equal(typeof taken, "function");
  assert.deepEqual(moved, []);
  taken();
});

test("a process that stood still for longer than its lease cannot go on to write", { skip: process.platform === "win32" }, async (t) => {
  const folder = await emptyFolder(t);
  const other = await holder(t, folder, { lease: 500 });
  const store = fileStore(folder, { lease: 500 });
  other.child.kill("SIGSTOP");
  await taken(store);
  await store.put(TICKET, "taken over");
  other.child.kill("SIGCONT");
  assert.match(await other.ask("put"), /taken this job over/);
  assert.match(await other.ask("delete"), /taken this job over/);
  assert.deepEqual(await store.getAll(), [[TICKET, "taken over"]]);
  assert.equal(await other.ask("lock"), "undefined");
});

test("a lease is renewed for as long as the lock is held", async (t) => {
  const folder = await emptyFolder(t);
  const other = await holder(t, folder, { lease: 300 });
  const end = Date.now() + 1_000;
  while (Date.now() < end) assert.equal(await fileStore(folder, { lease: 300 }).lock(TICKET), undefined);
  assert.equal(await other.ask("put"), "fine");
});

test("a lock that a crash left half-written is free when a lease has passed", async (t) => {
  const folder = await emptyFolder(t);
  await writeFile(join(folder, "ticket%3a01jd-x7.lock"), "");
  assert.equal(await fileStore(folder, { lease: 60_000 }).lock(TICKET), undefined);
  const minutesAgo = new Date(Date.now() - 120_000);
  await utimes(join(folder, "ticket%3a01jd-x7.lock"), minutesAgo, minutesAgo);
  assert.equal(typeof (await fileStore(folder, { lease: 60_000 }).lock(TICKET)), "function");
});

test("a held lock keeps no program from ending", async (t) => {
  const folder = await emptyFolder(t);
  const program = `import { fileStore } from "luma-edge/stores/node"; await fileStore(${JSON.stringify(folder)}).lock("ticket:x");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: import.meta.dirname, stdio: "inherit" });
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

async function emptyFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-store-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function taken(store) {
  for (;;) {
    const release = await store.lock(TICKET);
    if (release) return release;
    await new Promise(setImmediate);
  }
}

/** Another process that has locked the ticket, and does with it what it is asked. */
async function holder(t, folder, options) {
  const program = `
    import { createInterface } from "node:readline";
    import { fileStore } from "luma-edge/stores/node";
    const store = fileStore(${JSON.stringify(folder)}, ${JSON.stringify(options)});
    const acts = { put: () => store.put("${TICKET}", "mine"), delete: () => store.delete("${TICKET}"), lock: async () => String(await store.lock("${TICKET}")) };
    console.log(typeof (await store.lock("${TICKET}")));
    for await (const line of createInterface(process.stdin)) console.log((await acts[line]().catch((error) => error.message)) ?? "fine");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => (await answers.next()).value;
  assert.equal(await answer(), "function");
  const ask = (act) => {
    child.stdin.write(`${act}\n`);
    return answer();
  };
  return { child, ask };
}

/** Stands in for a KV namespace: pages of `list`, at most 100 keys in a read, and, `paced`, one write of a key in a second. */
function keyValues({ paced = false } = {}) {
  const entries = new Map();
  const written = new Map();
  const write = async (method, key, change) => {
    await null;
    if (paced && Date.now() < (written.get(key) ?? -Infinity) + 1_000) throw new Error(`KV ${method} failed: 429 Too Many Requests`);
    written.set(key, Date.now());
    change();
  };
  return {
    entries,
    async list({ prefix, cursor = "" }) {
      const names = [...entries.keys()].filter((name) => name.startsWith(prefix) && name > cursor).sort();
      const keys = names.slice(0, 250).map((name) => ({ name }));
      return names.length > 250 ? { keys, list_complete: false, cursor: keys.at(-1).name } : { keys, list_complete: true };
    },
    async get(names) {
      assert.ok(names.length >= 1 && names.length <= 100, `${names.length} keys`);
      return new Map(names.map((name) => [name, entries.get(name) ?? null]));
    },
    put: (key, value) => write("PUT", key, () => entries.set(key, value)),
    delete: (key) => write("DELETE", key, () => entries.delete(key)),
  };
}

/** Stands in for the storage of a Durable Object. */
function objectStorage() {
  const entries = new Map();
  return {
    async list({ prefix, limit, startAfter = "" }) {
      const names = [...entries.keys()].filter((name) => name.startsWith(prefix) && name > startAfter).sort();
      return new Map(names.slice(0, limit).map((name) => [name, entries.get(name)]));
    },
    async put(name, value) {
      entries.set(name, value);
    },
    delete: async (name) => entries.delete(name),
  };
}
