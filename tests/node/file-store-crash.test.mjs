// What a process that is killed in the middle of a write leaves in a folder, and what the next one makes of it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileStore } from "luma-edge/stores/node";

const TICKET = "ticket:01jd-x7";
const [ENTRY, LOCK] = ["ticket%3a01jd-x7.json", "ticket%3a01jd-x7.lock"];
const HOUR = 3_600_000;

test("what a killed process had begun to write is what the next one reads, and nothing else is left", async (t) => {
  const { folder, kill } = await writer(t, ["with a job", "with a state"]);
  await kill();
  assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "with a state"]]);
  assert.deepEqual(await readdir(folder), [ENTRY]);
});

test("who takes a killed process's lock reads what that one had begun to write", async (t) => {
  const { folder, kill } = await writer(t, ["with a job"]);
  const store = fileStore(folder);
  assert.deepEqual(await store.getAll(), [[TICKET, "stored"]]);
  await kill();
  assert.equal(typeof (await store.lock(TICKET)), "function");
  assert.deepEqual(await store.getAll(), [[TICKET, "with a job"]]);
});

test("of many who come for a killed process's ticket one gets it, and all read the last write", async (t) => {
  const { folder, kill } = await writer(t, ["1", "2", "3", "4"]);
  await kill();
  const rivals = Array.from({ length: 8 }, () => fileStore(folder));
  const locks = await Promise.all(
    rivals.map((store, index) => (index % 2 ? store.lock(TICKET) : store.getAll().then(() => store.lock(TICKET)))),
  );
  assert.equal(locks.filter(Boolean).length, 1);
  for (const store of rivals) assert.deepEqual(await store.getAll(), [[TICKET, "4"]]);
});

for (const [name, act, expected] of [
  ["later write", (store) => store.put(TICKET, "newer"), [[TICKET, "newer"]]],
  ["later deletion", (store) => store.delete(TICKET), []],
]) {
  test(`what a killed process had begun to write undoes no ${name}`, async (t) => {
    const { folder, kill } = await writer(t, ["with a job"]);
    const early = fileStore(folder);
    await early.getAll();
    await kill();
    await act(early);
    for (const store of [early, fileStore(folder)]) assert.deepEqual(await store.getAll(), expected);
    assert.equal(typeof (await early.lock(TICKET)), "function");
    assert.deepEqual(await early.getAll(), expected);
  });
}

test("nor does it undo a newer file, or what was written under another lock", async (t) => {
  for (const write of [
    async (folder) => {
      await writeFile(join(folder, ENTRY), "newer");
      const later = new Date(Date.now() + 1_000);
      await utimes(join(folder, ENTRY), later, later);
    },
    async (folder) => {
      await rm(join(folder, LOCK));
      await writeFile(join(folder, ENTRY), "newer");
      await utimes(join(folder, ENTRY), 1, 1);
    },
  ]) {
    const { folder, kill } = await writer(t, ["with a job"]);
    await kill();
    await write(folder);
    assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "newer"]]);
    assert.deepEqual(await readdir(folder), [ENTRY]);
  }
});

test("half of what a killed process had begun to write counts for nothing", async (t) => {
  const { folder, kill } = await writer(t, ["with a job", "with a state"]);
  await kill();
  const [, last] = await draftsIn(folder);
  await truncate(join(folder, last), 5);
  assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "with a job"]]);
  assert.deepEqual(await readdir(folder), [ENTRY]);
});

test("what a living process is about to write is its own", async (t) => {
  const { folder, go } = await writer(t, ["with a job"]);
  const drafts = await draftsIn(folder);
  assert.equal(drafts.length, 1);
  const store = fileStore(folder);
  assert.deepEqual(await store.getAll(), [[TICKET, "stored"]]);
  assert.equal(await store.lock(TICKET), undefined);
  assert.deepEqual(await draftsIn(folder), drafts);
  assert.deepEqual(await go(), ["fine"]);
  assert.deepEqual(await store.getAll(), [[TICKET, "with a job"]]);
});

test("a process that stood still in the middle of a write does not finish it", { skip: process.platform === "win32" }, async (t) => {
  const { folder, child, go } = await writer(t, ["mine"], { lease: 300 });
  child.kill("SIGSTOP");
  const store = fileStore(folder, { lease: 300 });
  while (!(await store.lock(TICKET))) await new Promise(setImmediate);
  await store.put(TICKET, "taken over");
  child.kill("SIGCONT");
  assert.match((await go())[0], /taken this job over/);
  assert.deepEqual(await store.getAll(), [[TICKET, "taken over"]]);
});

test("what a process of another container left goes when it is surely dead", async (t) => {
  const folder = await emptyFolder(t);
  const owner = "6b1f5fd8-3f0e-4d4e-9d5f-0a4b7a4f0a01";
  const beat = (end) => writeFile(join(folder, `${owner}.alive`), JSON.stringify({ pid: process.pid, end }));
  await writeFile(join(folder, LOCK), owner);
  await writeFile(join(folder, ENTRY), "stored");
  // The name ends with the checksum.
  await writeFile(join(folder, `${ENTRY}.${owner}.7.7daa3ee2ea04daec`), "with a job");

  await beat(Date.now() - HOUR / 2);
  const before = await readdir(folder);
  assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "stored"]]);
  assert.deepEqual(await readdir(folder), before, "it may stand still");
  await beat(Date.now() - 2 * HOUR);
  assert.deepEqual(await fileStore(folder).getAll(), [[TICKET, "with a job"]]);
  assert.deepEqual(await readdir(folder), [ENTRY]);
});

test("what a crash left on the way is removed an hour later", async (t) => {
  const folder = await emptyFolder(t);
  const id = "6b1f5fd8-3f0e-4d4e-9d5f-0a4b7a4f0a0";
  const names = [`${ENTRY}.${id}1`, `${LOCK}.${id}2`, `${id}3.alive.${id}4`, `${id}5.alive`];
  for (const name of names) await writeFile(join(folder, name), "");
  await fileStore(folder).getAll();
  assert.deepEqual((await readdir(folder)).sort(), names.sort());
  const before = new Date(Date.now() - 2 * HOUR);
  for (const name of names) await utimes(join(folder, name), before, before);
  await fileStore(folder).getAll();
  assert.deepEqual(await readdir(folder), []);
});

// Each process goes on where the last one was killed.
test("a process that is killed again and again loses nothing that it had put", async (t) => {
  const folder = await emptyFolder(t);
  const program = `
    import { writeSync } from "node:fs";
    import { fileStore } from "luma-edge/stores/node";
    const store = fileStore(${JSON.stringify(folder)});
    const release = await store.lock("${TICKET}");
    let [[, value] = ["", "0"]] = await store.getAll();
    if (!release) throw new Error("The lock is not free");
    for (let number = parseInt(value) + 1; ; number++) {
      const writing = store.put("${TICKET}", number + " ".repeat(20_000));
      writeSync(1, number + "\\n");
      if (number % 3) await writing;
    }`;
  let [told, rounds] = [0, 0];
  for (const end = Date.now() + 4_000; rounds < 30 && Date.now() < end; rounds++) {
    const child = run(t, program);
    child.stdout.on("data", (lines) => (told = Number(String(lines).trimEnd().split("\n").at(-1))));
    await once(child.stdout, "data");
    const patience = setTimeout(() => child.kill("SIGKILL"), Math.random() * 25);
    const [code] = await once(child, "close");
    clearTimeout(patience);
    assert.equal(code, null, "it was killed");
    const [[, value]] = await fileStore(folder).getAll();
    assert.ok(Number.parseInt(value, 10) >= told, `round ${rounds}: ${Number.parseInt(value, 10)} is read, ${told} was put`);
    assert.equal(value.length, `${Number.parseInt(value, 10)}`.length + 20_000);
    assert.deepEqual(await readdir(folder), [ENTRY]);
  }
  t.diagnostic(`${rounds} kills, ${told} writes`);
});

async function emptyFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "luma-edge-store-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const draftsIn = async (folder) => (await readdir(folder)).filter((name) => name.startsWith(`${ENTRY}.`)).sort();

function run(t, program) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** A process that holds the ticket, has stored it once, and is about to rename what it puts since: it waits for `go`, or to be killed. */
async function writer(t, values, options) {
  const folder = await emptyFolder(t);
  const child = run(
    t,
    `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    import { fileStore } from "luma-edge/stores/node";
    const store = fileStore(${JSON.stringify(folder)}, ${JSON.stringify(options)});
    await store.lock("${TICKET}");
    await store.put("${TICKET}", "stored");
    const { rename } = fs;
    const told = new Promise((resolve) => process.stdin.once("data", resolve));
    fs.rename = async (from, to) => {
      if (to.endsWith(".json")) {
        console.log("about to rename");
        await told;
      }
      return rename(from, to);
    };
    syncBuiltinESMExports();
    const writes = ${JSON.stringify(values)}.map((value) => store.put("${TICKET}", value).then(() => "fine", (error) => error.message));
    console.log(JSON.stringify(await Promise.all(writes)));
    process.exit();`,
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "about to rename");
  return {
    folder,
    child,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async go() {
      child.stdin.write("go\n");
      for (;;) {
        const { value } = await lines.next();
        if (value !== "about to rename") return JSON.parse(value);
      }
    },
  };
}
