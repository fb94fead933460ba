// What the Worker keeps, over days and months: an Account whose ledger has a clock that a test moves on, and a Creation that a test lets end.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { startOwnSite } from "./site.mjs";

const OWN = `
  import { Account as Records, Creation as Making, createWorker } from ${JSON.stringify(join(root, "worker/src/index.ts"))};
  export { Queue, Result } from ${JSON.stringify(join(root, "worker/src/index.ts"))};
  import { creationOf } from ${JSON.stringify(join(root, "worker/src/creation/key.ts"))};
  import { Ledger } from ${JSON.stringify(join(root, "worker/src/limits/ledger.ts"))};
  import { SqlRows } from ${JSON.stringify(join(root, "worker/src/limits/sql-rows.ts"))};
  const TABLES = ["jobs", "owned", "spent"];
  export class Account extends Records {
    skipped = 0;
    constructor(ctx, env) {
      super(ctx, env);
      this.ledger = new Ledger(new SqlRows(ctx.storage.sql), () => Date.now() + this.skipped);
    }
    break(broken) {
      this.broken = broken;
    }
    claim(...args) {
      if (this.broken) throw new Error("the disk is full");
      super.claim(...args);
    }
    owned(...args) {
      if (this.broken) throw new Error("the disk is full");
      return super.owned(...args);
    }
    reserve(reservation) {
      const reserved = super.reserve(reservation);
      this.asked = (this.asked ?? 0) + 1;
      console.log("a place is asked for, " + this.asked + " times");
      return reserved;
    }
    ended(provider, ends) {
      console.log("ended: " + ends.map(({ id }) => id).join());
      return super.ended(provider, ends);
    }
    skip(days) {
      this.skipped += days * 86_400_000;
    }
    rows() {
      return TABLES.map((table) => this.ctx.storage.sql.exec("SELECT count(*) AS n FROM " + table).one().n);
    }
  }
  export class Creation extends Making {
    async made(answer, job) {
      const isCut = !this.cut && answer.body.includes("A margay");
      this.cut ||= isCut;
      if (isCut) throw new Error("cut off before the job was written down");
      return super.made(answer, job);
    }
    /** What the library has told, it forgets. */
    async loseTickets() {
      for (const key of (await this.ctx.storage.list({ prefix: "luma-edge:ticket:" })).keys()) await this.ctx.storage.delete(key);
      await this.alarm();
    }
    crash() {
      this.ctx.abort("a crash");
    }
    expire() {
      return this.forget(); // as its alarm does
    }
  }
  export default createWorker({
    async authorize({ headers }, env) {
      const account = env.ACCOUNT.get(env.ACCOUNT.idFromName("account"));
      if (headers.has("x-skip")) await account.skip(Number(headers.get("x-skip")));
      await account.break(headers.has("x-break"));
      if (headers.has("x-expire")) await creationOf(env, "dream-machine", "user:anne", headers.get("x-expire")).expire();
      if (headers.has("x-crash")) await creationOf(env, "dream-machine", "user:anne", headers.get("x-crash")).crash().catch(() => {});
      if (headers.has("x-alarm")) await creationOf(env, "agents", "user:anne", headers.get("x-alarm")).loseTickets();
      if (headers.has("x-rows")) console.log(headers.get("x-rows") + " rows " + (await account.rows()).join(" "));
      return { name: "anne", limits: { usdPerDay: 3, usdUnpriced: 1 } };
    },
  });`;

let site;
before(async () => {
  site = await startOwnSite(OWN);
});
after(() => site?.stop());

const body = { prompt: "An aurochs", model: "ray-2", resolution: "4k" }; // no price is published: it counts as 1
const create = ({ prompt = body.prompt, ...more } = {}) => site.create({ ...body, prompt }, { token: false, ...more });
const tell = (headers) => site.call("/luma/ping", { token: false, headers });
const rows = async (at) => {
  await tell({ "x-rows": at });
  return (await site.line(`${at} rows`)).split(" rows ")[1].trim();
};

test("a key that is used again after it has ended is a creation like any other, within the budget", async () => {
  const ids = new Set();
  for (let index = 0; index < 3; index++) {
    const { status, json, text } = await create({ key: "aurochs" });
    assert.equal(status, 201, text);
    assert.equal((await create({ key: "aurochs" })).json.id, json.id);
    ids.add(json.id);
    await tell({ "x-expire": "aurochs" });
  }
  assert.equal(ids.size, 3);
  const { status, json } = await create({ key: "aurochs" });
  assert.deepEqual([status, json.code], [402, "budget"]);
});

test("the records do not grow for ever: what nothing asks for any more goes with the next creation", async () => {
  assert.match(await rows("first"), /^3 3 4$/);
  await tell({ "x-skip": "63" });
  assert.equal((await create()).status, 201);
  assert.equal(await rows("later"), "1 4 4", "the jobs and what they cost are gone, whose they are is not");
  await tell({ "x-skip": "400" });
  assert.equal((await create()).status, 201);
  assert.equal(await rows("latest"), "1 1 4");
});

test("where the records cannot be reached, the caller is told what was done by then", async () => {
  const headers = { "x-break": "1" };
  const listed = await site.call("/luma/generations", { token: false, headers });
  assert.deepEqual([listed.status, listed.json.code], [429, "try_again"]);
  assert.match(listed.json.detail, /can be read again/);
  const file = { mime_type: "image/png", size_bytes: 4, filename: "a.png" };
  const uploaded = await site.call("/luma/agents/files", { token: false, headers, body: file });
  assert.deepEqual([uploaded.status, uploaded.json.code], [429, "try_again"]);
  assert.match(uploaded.json.detail, /handed over/);
  assert.doesNotMatch(listed.text + uploaded.text, /Nothing was sent/);
});

test("a job whose id is known was made, though it cannot be read now", async () => {
  const before = await site.made();
  let reads = 0;
  site.intercept = ({ method, path }) => {
    if (method !== "GET" || !/generations\/[^?]+$/.test(path)) return undefined;
    reads++;
    return (response) => response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"not here yet"}');
  };
  const { status, json, text } = await create({ prompt: "A margay" });
  site.intercept = undefined;
  assert.deepEqual([status, { ...json, id: "" }], [201, { id: "", state: "queued" }], text);
  assert.ok(reads > 0);
  assert.equal(await site.made(), before + 1);
  const read = await site.call(`/luma/generations/${json.id}`, { token: false });
  assert.equal(read.json.request.prompt, "A margay", "it is the caller's, under its id");
});

test("a job that its provider does not find once is not over", async () => {
  const made = { type: "video", model: "ray-3.2", prompt: "A quail" };
  const { json } = await site.call("/luma/agents/generations", { token: false, key: "quail", body: made });
  site.intercept = ({ path }) =>
    path.endsWith(json.id)
      ? (response) => response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Generation not found"}')
      : undefined;
  for (let index = 0; index < 2; index++) await tell({ "x-alarm": "quail" });
  assert.ok(!site.log.some((line) => line.includes(`ended: ${json.id}`)));
  site.intercept = undefined;
  await site.simulator.advance(3_600_000);
  await tell({ "x-alarm": "quail" });
  await site.line(`ended: ${json.id}`);
});

test("what nobody can tell is not forgotten by an alarm, and so not sent again", async () => {
  const agents = () =>
    site.call("/luma/agents/generations", { token: false, key: "quagga", body: { type: "video", model: "ray-3.2", prompt: "A quagga" } });
  const posts = async () => (await site.received()).filter((call) => call === "POST /agents/v1/generations").length;
  const before = await posts();
  site.intercept = ({ method }) => (method === "POST" ? "cut-after" : undefined);
  assert.equal((await agents()).json.code, "unknown_outcome");
  site.intercept = undefined;
  for (let index = 0; index < 3; index++) {
    await tell({ "x-alarm": "quagga" });
    const { status, json } = await agents();
    assert.deepEqual([status, json.code], [504, "unknown_outcome"]);
  }
  assert.equal(await posts(), before + 1);
});

test("a creation that crashes while it waits for another of the same request leaves no place taken", async () => {
  await tell({ "x-skip": "63" });
  const asked = site.log.filter((line) => line.includes("place is asked for")).length;
  const isAsked = (time) => site.line(`place is asked for, ${asked + time} `);
  const held = new Promise((resolve) => {
    site.intercept = ({ method, path, headers, body }) => {
      if (method !== "POST") return undefined;
      site.intercept = undefined;
      return (response) =>
        resolve(async () => {
          const answer = await site.simulator.fetch(`http://simulator${path}`, { method, headers, body });
          response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
        });
    };
  });
  const first = create({ prompt: "A tarpan", key: "first" });
  const answerFirst = await held;
  const cut = create({ prompt: "A tarpan", key: "second" });
  await isAsked(2);
  await tell({ "x-crash": "second" });
  assert.equal((await cut).status, 504);
  const second = create({ prompt: "A tarpan", key: "second" });
  await isAsked(3);
  await answerFirst();
  assert.equal((await first).status, 201);
  const { status, text } = await second;
  assert.equal(status, 201, text);
  assert.match(await rows("after the crash"), /^2 /);
});
