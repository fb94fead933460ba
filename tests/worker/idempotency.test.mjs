// The same key and body give the same job, whatever breaks on the way; and nothing is sent again by guess.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { ANNE, BOB, IN_PROCESS, once_ as once, startOwnSite, startSite } from "./site.mjs";

/** How a read of another caller's generation is answered. */
const ANOTHERS = IN_PROCESS ? 503 : 404;

let site, state;
before(async () => {
  state = await mkdtemp(join(tmpdir(), "luma-edge-worker-"));
  site = await startSite({ state, env: { CALLER_LIMITS: { usdPerDay: 100, usdUnpriced: 1, jobsAtOnce: 50 } } });
});
after(async () => {
  await site?.stop();
  await rm(state, { recursive: true, force: true });
});

const agents = (prompt, more) => site.call("/luma/agents/generations", { body: { type: "video", model: "ray-3.2", prompt }, ...more });
const posts = async (path) => (await site.received()).filter((call) => call === `POST ${path}`).length;

test("the same key and body give the same job, at once and later", async () => {
  const body = { prompt: "A lion" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => site.create(body, { key: "lion" })));
  answers.push(await site.create(body, { key: "lion" }));
  assert.deepEqual(new Set(answers.map(({ status, json }) => `${status} ${json.id}`)).size, 1);
  assert.equal(answers[0].status, 201);
  assert.equal(await site.made(), 1);
});

test("the order of fields is no difference, another body is", async () => {
  const { json } = await site.call("/luma/generations/video", { body: '{"prompt":"A lion","model":"ray-2"}', key: "lion" });
  assert.equal(json.id, (await site.create({ prompt: "A lion" }, { key: "lion" })).json.id);
  const other = await site.create({ prompt: "A lioness" }, { key: "lion" });
  assert.deepEqual([other.status, other.json.code], [409, "idempotency"]);
});

test("a lost creation is not taken for a job that is known, nor are those read again", async () => {
  const known = await site.create({ prompt: "A sand cat" });
  site.intercept = once("POST", "generations/video", "cut-after");
  const before = (await site.received()).length;
  const found = await site.create({ prompt: "A sand cat" }, { key: "sand-cat" });
  site.intercept = undefined;
  assert.equal(found.status, 201, found.text);
  assert.notEqual(found.json.id, known.json.id);
  const reads = (await site.received()).slice(before).filter((call) => call.endsWith(known.json.id));
  assert.deepEqual(reads, []);
});

test("another caller's key is another key", async () => {
  const { status, json } = await site.create({ prompt: "A lion" }, { key: "lion", token: BOB });
  assert.equal(status, 201);
  assert.notEqual(json.id, (await site.create({ prompt: "A lion" }, { key: "lion" })).json.id);
});

test("without a key each request is a job of its own", async () => {
  const [one, other] = await Promise.all([site.create({ prompt: "A lynx" }), site.create({ prompt: "A lynx" })]);
  assert.deepEqual([one.status, other.status], [201, 201]);
  assert.notEqual(one.json.id, other.json.id);
});

test("a key whose request was refused can be used again", async () => {
  site.intercept = once("POST", "generations", (response) => response.writeHead(429, { "retry-after": "3" }).end('{"detail":"later"}'));
  const refused = await site.create({ prompt: "A puma" }, { key: "puma" });
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "3"]);
  site.intercept = undefined;
  assert.equal((await site.create({ prompt: "A puma" }, { key: "puma" })).status, 201);
});

for (const [act, animal] of [
  ["cut-after", "A jaguar"],
  ["499-after", "A jaguarundi"],
]) {
  test(`an answer that is lost on the way from Dream Machine is found, and the job is bought once: ${act}`, async () => {
    const before = await site.made();
    site.intercept = once("POST", "generations/video", act);
    const found = await site.create({ prompt: animal }, { key: act });
    site.intercept = undefined;
    assert.equal(found.status, 201);
    assert.equal(await site.made(), before + 1);
    assert.equal((await site.call(`/luma/generations/${found.json.id}`)).status, 200, "it is the caller's");
    assert.equal((await site.create({ prompt: animal }, { key: act })).json.id, found.json.id);
  });
}

test("a list that is answered by 409 shows nothing: the lost job stays unknown, and is not sent again", async () => {
  const before = await site.made();
  let created = 0;
  site.intercept = ({ method }) => {
    if (method === "POST") return created++ ? undefined : "cut-after";
    return (response) => response.writeHead(409, { "content-type": "application/json" }).end('{"detail":"Conflict"}');
  };
  const lost = await site.create({ prompt: "A margay" }, { key: "margay" });
  site.intercept = undefined;
  assert.deepEqual([lost.status, lost.json.code], [504, "unknown_outcome"]);
  assert.equal((await site.create({ prompt: "A margay" }, { key: "margay" })).status, 504);
  assert.equal(await site.made(), before + 1);
});

/** A list of so many newer jobs of callers and one that is lost behind them, in pages as each provider has them. */
const PAGES = {
  "dream-machine, by has_more": (rows, { searchParams }) => {
    const [offset, limit] = ["offset", "limit"].map((name) => Number(searchParams.get(name)));
    return { generations: rows.slice(offset, offset + limit), has_more: offset + limit < rows.length };
  },
  "dream-machine, without it": (rows, { searchParams }) => {
    const [offset, limit] = ["offset", "limit"].map((name) => Number(searchParams.get(name)));
    return { generations: rows.slice(offset, offset + limit), limit, offset };
  },
  "piapi, with the total": (rows, { searchParams }) => {
    const [page, size] = ["page", "page_size"].map((name) => Number(searchParams.get(name)));
    return { code: 200, data: { page, total: rows.length, data: rows.slice((page - 1) * size, page * size) } };
  },
  "piapi, without it": (rows, { searchParams }) => {
    const [page, size] = ["page", "page_size"].map((name) => Number(searchParams.get(name)));
    return { code: 200, data: { page, size, data: rows.slice((page - 1) * size, page * size) } };
  },
};

for (const [name, pageOf] of Object.entries(PAGES)) {
  test(`a lost job behind 150 newer ones that are known is found, and is not released: ${name}`, async () => {
    const provider = name.split(",")[0];
    const prompt = `An oncilla, ${name}`;
    const isPiapi = provider === "piapi";
    const path = `/luma/${provider}/${isPiapi ? "api/v1/task" : "generations/video"}`;
    const body = isPiapi
      ? { model: "luma", task_type: "video_generation", input: { prompt, model: "ray-v2" } }
      : { prompt, model: "ray-2" };
    // Two known ones stand for all: what they are is asked of the records by their ids.
    const first = await site.call(path, { body });
    const known = first.json.id ?? first.json.data.task_id;
    const now = () => new Date(site.simulator.now()); // the server has one clock
    const created_at = () => now().toISOString();
    const row = (id) =>
      isPiapi
        ? { task_id: id, status: "pending", meta: { created_at: created_at() }, input: body.input }
        : { id, state: "queued", created_at: created_at(), request: { ...body, generation_type: "video" } };
    const lost = `lost-${name.length}`;
    let made;
    site.intercept = ({ method, path, body }) => {
      const url = new URL(path, "http://provider");
      if (method === "POST") {
        made = JSON.parse(body);
        return "cut-after";
      }
      if (!/histories|generations$/.test(url.pathname)) return undefined;
      const rows = [...Array.from({ length: 150 }, () => row(known)), row(lost)];
      return (response) =>
        response.writeHead(200, { "content-type": "application/json", date: now().toUTCString() }).end(JSON.stringify(pageOf(rows, url)));
    };
    const found = await site.call(path, { body });
    site.intercept = undefined;
    assert.ok(made);
    assert.equal(found.status, 201, found.text);
    assert.ok(found.text.includes(lost), found.text);
  });
}

test("two callers' equal requests, one answer lost: each has its own job", async () => {
  const before = await site.made();
  site.intercept = once("POST", "generations/video", "cut-after");
  const [one, other] = await Promise.all([site.create({ prompt: "A leopard" }), site.create({ prompt: "A leopard" }, { token: BOB })]);
  site.intercept = undefined;
  assert.deepEqual([one.status, other.status], [201, 201]);
  assert.notEqual(one.json.id, other.json.id);
  assert.equal(await site.made(), before + 2);
  assert.equal((await site.call(`/luma/generations/${one.json.id}`, { token: BOB })).status, ANOTHERS);
});

test("a prompt that differs in blanks and forms of letters alone looks alike: it waits until the lost one is found", async () => {
  const calls = [];
  let lost = false;
  site.intercept = ({ method, path }) => {
    calls.push(`${method} ${path.replace(/^.dream-machine.v1.|\?.*/g, "")}`);
    if (method !== "POST" || lost) return undefined;
    lost = true;
    return "cut-after";
  };
  const answers = await Promise.all([site.create({ prompt: "A kodkod" }), site.create({ prompt: " A\n\u{ff4b}odkod " }, { token: BOB })]);
  site.intercept = undefined;
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201],
  );
  assert.deepEqual(calls.slice(0, 2), ["POST generations/video", "GET generations"]);
  assert.equal(calls.filter((call) => call.startsWith("POST")).length, 2);
});

test("where a list does not show the prompt, a lost creation does not take another caller's job", async () => {
  const before = await site.made();
  const create = (prompt, token) => site.call("/luma/useapi/videos", { body: { prompt, model: "ray-v3-flash" }, token });
  site.intercept = once("POST", "/videos", "cut-after");
  const both = await Promise.all([create("A bobcat"), create("A margay", BOB)]);
  site.intercept = undefined;
  const ids = both.map(({ json }) => json.jobid);
  assert.ok(
    ids.every((id) => typeof id === "string"),
    JSON.stringify(both.map(({ text }) => text)),
  );
  assert.equal(new Set(ids).size, 2);
  assert.equal(await site.made(), before + 2);
  const read = (id, token) => site.call(`/luma/useapi/jobs/${encodeURIComponent(id)}`, { token });
  assert.equal((await read(ids[1], BOB)).status, 200);
  assert.equal((await read(ids[0], BOB)).status, ANOTHERS);
});

test("at the resellers, which list what runs, it is found where one job alone fits", async () => {
  for (const [path, body] of [
    ["/luma/useapi/videos", { prompt: "A caracal", model: "ray-v3-flash" }],
    ["/luma/piapi/api/v1/task", { model: "luma", task_type: "video_generation", input: { prompt: "A caracal", model: "ray-v2" } }],
  ]) {
    const before = await site.made();
    site.intercept = once("POST", path.replace(/^.luma.[a-z]+/, ""), "cut-after");
    const found = await site.call(path, { body, key: "caracal" });
    site.intercept = undefined;
    assert.equal(found.status, 201, found.text);
    assert.equal((await site.call(path, { body, key: "caracal" })).text, found.text);
    assert.equal(await site.made(), before + 1);
  }
});

test("what is lost on the way from Agents stays unknown: it is kept, and never sent again", async () => {
  const before = await posts("/agents/v1/generations");
  site.intercept = once("POST", "/agents/v1/generations", "cut-after");
  const lost = await agents("A cheetah", { key: "cheetah" });
  site.intercept = undefined;
  assert.deepEqual([lost.status, lost.json.code], [504, "unknown_outcome"]);
  const again = await agents("A cheetah", { key: "cheetah" });
  assert.deepEqual([again.status, again.json.code], [504, "unknown_outcome"]);
  assert.equal(await posts("/agents/v1/generations"), before + 1);
});

test("an official SDK, which sends no key, does not send again what may have been made", async () => {
  const { default: LumaAI } = await import("lumaai");
  const luma = new LumaAI({ authToken: ANNE, baseURL: `${site.worker.url}/luma/agents` });
  const before = await posts("/agents/v1/generations");
  site.intercept = once("POST", "/agents/v1/generations", "cut-after");
  const body = { type: "video", model: "ray-3.2", prompt: "A cheetah at rest" };
  await assert.rejects(luma.post("/generations", { body }), { status: 504 });
  site.intercept = undefined;
  assert.equal(await posts("/agents/v1/generations"), before + 1);
});

/** A process without Durable Objects says that it does. */
const FORGETS = { skip: IN_PROCESS };

test("a crash after the answer: the same key gets the same job", FORGETS, async () => {
  const { json } = await site.create({ prompt: "An ocelot" }, { key: "ocelot" });
  await site.crash();
  const before = await site.made();
  assert.equal((await site.create({ prompt: "An ocelot" }, { key: "ocelot" })).json.id, json.id);
  assert.equal((await site.call(`/luma/generations/${json.id}`)).status, 200);
  assert.equal(await site.made(), before);
});

test("a crash while the creation is on its way: the same key finds the job, and buys no second one", FORGETS, async () => {
  const before = await site.made();
  let arrived;
  const made = new Promise((resolve) => {
    arrived = resolve;
  });
  // The job is made, and the answer to it never ends.
  site.intercept = once("POST", "generations/video", "hold");
  site.onHold = arrived;
  const lost = site.create({ prompt: "A serval" }, { key: "serval" }).catch((error) => error);
  await made;
  await site.crash();
  await lost;
  site.intercept = undefined;
  const found = await site.create({ prompt: "A serval" }, { key: "serval" });
  assert.equal(found.status, 201, found.text);
  assert.equal(await site.made(), before + 1);
});

test("a server tells what became of a creation by its key only where a restart does not forget it", async () => {
  const { status, headers, json } = await site.call("/luma/agents/creations/never-used");
  const told = [status, json.state, headers.get("luma-edge-idempotency")];
  assert.deepEqual(told, IN_PROCESS ? [404, undefined, "none"] : [200, "none", "1"]);
});

test(
  "a creation that this server lost sight of: the caller is told to send it again only where its key protects that",
  FORGETS,
  async (t) => {
    const entry = `
    import worker, { Creation as Sent } from "../../worker/src/index.ts";
    export { Account, Queue, Result } from "../../worker/src/index.ts";
    export class Creation extends Sent {
      async create(request) {
        await super.create(request);
        throw new Error("the object was moved");
      }
    }
    export default worker;`;
    const lost = await startOwnSite(entry, { env: { CALLERS: callers([ANNE]) } });
    t.after(() => lost.stop());
    for (const [key, next] of [
      [undefined, /no Idempotency-Key: look for it at the provider/],
      ["margay", /Send it again with the same Idempotency-Key/],
    ]) {
      const { status, json, headers } = await lost.create({ prompt: "A margay" }, { key });
      assert.deepEqual([status, json.code, headers.get("x-should-retry")], [504, "unknown_outcome", "false"]);
      assert.match(json.detail, next);
    }
    await lost.line("the object was moved");
  },
);
