// Callbacks: a provider's call wakes the job that its address was made for. Whatever else is posted there changes nothing.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createClient } from "luma-edge";
import { callbackUrl } from "luma-edge/callbacks";
import { Webhook } from "standardwebhooks";
import { callers } from "../../scripts/worker.mjs";
import { importSource } from "../source.mjs";
import { startReceiver } from "./receiver.mjs";
import { ANNE, BOB, startOwnSite } from "./site.mjs";

const { addressOf, callbackSecret } = await importSource("worker/src/callbacks/address.ts");

const secret = () => randomBytes(32).toString("base64");
const [NEW, OLD] = [secret(), secret()];
/** Where the provider believes the Worker to be: the library lets no address of this machine through. */
const PUBLIC_URL = "https://worker.example.com";

/** The Worker, with a queue that remembers which jobs were woken, and keeps no results. */
const OWN = `
  import worker, { Queue as Base } from "../../worker/src/index.ts";
  export * from "../../worker/src/index.ts";
  export class Queue extends Base {
    woken = [];
    constructor(context, env) {
      super(context, { ...env, RESULTS: undefined });
    }
    wake(id) {
      this.woken.push(id);
      return super.wake(id);
    }
    takeWoken() {
      return this.woken.splice(0);
    }
  }
  export default {
    async fetch(request, env, context) {
      if (new URL(request.url).pathname !== "/woken") return worker.fetch(request, env, context);
      return Response.json(await env.QUEUE.get(env.QUEUE.idFromName("queue")).takeWoken());
    },
  };`;

/** What the simulated provider posted. */
const calls = [];
let heard = () => {};
const hooks = [];
/** How the receiver answers at a path, one after the other; all that come after them are accepted. */
const answers = new Map();
let told = () => {};
let receiver;
let target;
let state;
let site;

before(async () => {
  receiver = await startReceiver(async ({ path, headers, body }, response) => {
    hooks.push({ headers, body });
    const { status, act } = answers.get(path)?.shift() ?? { status: 204 };
    if (act) await act();
    response.writeHead(status).end();
    told();
  });
  target = receiver.target;
  const deliver = async (url, init) => {
    calls.push({ url, body: init.body });
    heard();
    return new Response();
  };
  const env = { CALLERS: callers([ANNE, BOB]), SIGNING_SECRET: `${NEW} ${OLD}`, WEBHOOK_ORIGINS: [target], PUBLIC_URL };
  state = await mkdtemp(join(tmpdir(), "luma-edge-callbacks-"));
  site = await startOwnSite(OWN, { env, state, simulator: { deliver } });
});
after(async () => {
  receiver?.stop();
  await site?.stop();
  await rm(state, { recursive: true });
});

/** The webhook about a job, which may have come already. */
async function hookOf(id, nth = 1) {
  for (;;) {
    const found = hooks.filter(({ body }) => JSON.parse(body).data.id === id);
    if (found.length >= nth) return found[nth - 1];
    await new Promise((resolve) => {
      told = resolve;
    });
  }
}

/** The next call of the provider that fits. */
async function called(fits) {
  for (;;) {
    const found = calls.findIndex(fits);
    if (found >= 0) return calls.splice(found, 1)[0];
    await new Promise((resolve) => {
      heard = resolve;
    });
  }
}

/** Posts to the Worker what was meant for its public address. */
const post = (url, { body = "{}", ...more } = {}) => {
  const { pathname, search } = new URL(url);
  return site.call(pathname + search, { method: "POST", token: false, body, ...more });
};

const woken = async () => (await site.call("/woken")).json;
const reads = async () => (await site.received()).filter((line) => line.startsWith("GET ")).length;
const addressFor = (job, provider = "dream-machine", SIGNING_SECRET = NEW) => addressOf({ SIGNING_SECRET, PUBLIC_URL }, "", provider, job);

const read = async (id, token) => (await site.call(`/jobs/${id}`, { token })).json;

/** Until the provider has it. */
async function running(id, token) {
  while (!(await read(id, token)).generation);
}

/** A job that runs at the provider, the address that the provider has for it, and what it posted there first. */
async function handedOver({ token = ANNE, ...more } = {}) {
  const body = { request: { model: "ray-2", prompt: "A tiger" }, provider: "dream-machine", ...more };
  const { status, text, json } = await site.call("/jobs", { token, body });
  assert.equal(status, 202, text);
  const [{ id }] = json.jobs;
  await running(id, token);
  await site.simulator.advance(300_000);
  const first = await called(({ url }) => url.includes(id));
  return { id, ...first };
}

for (const [provider, request, isEnd] of [
  ["dream-machine", { model: "ray-2", prompt: "A tiger" }, ({ state }) => state === "completed"],
  ["piapi", { prompt: "A tiger" }, ({ data }) => data.status === "completed"],
  ["useapi", { prompt: "A tiger" }, ({ status }) => status === "completed"],
])
  test(`${provider}: a job whose provider calls back ends by one read, and its webhook tells the caller`, async () => {
    const { status, text, json } = await site.call("/jobs", { body: { request, provider, webhook: `${target}/hook` } });
    assert.equal(status, 202, text);
    const [{ id }] = json.jobs;
    await running(id);
    await site.simulator.advance(3_600_000);
    const end = await called((call) => call.url.includes(id) && isEnd(JSON.parse(call.body)));
    const { origin, pathname } = new URL(end.url);
    assert.equal(origin + pathname, `${PUBLIC_URL}/callbacks/${provider}`);
    const before = await reads();
    assert.equal((await post(end.url, end)).status, 200);
    const { headers, body } = await hookOf(id);
    assert.ok((await reads()) - before <= 1);
    const { state, generation } = await read(id);
    assert.deepEqual([state, generation.state], ["completed", "completed"]);
    const { secret } = (await site.call("/webhook-secret")).json;
    const { type, data } = new Webhook(secret).verify(body, headers);
    assert.deepEqual([type, data.id, data.state], ["job.completed", id, "completed"]);
  });

test("an address that this server did not give out for that job at that provider wakes nothing", async () => {
  const { id, url } = await handedOver();
  const others = await handedOver({ token: BOB });
  await woken();
  const with_ = (changes) => {
    const changed = new URL(url);
    for (const [name, value] of Object.entries(changes)) changed.searchParams.set(name, value);
    return String(changed);
  };
  const parameter = (of, name) => new URL(of).searchParams.get(name);
  const own = await callbackSecret(NEW, "dream-machine");
  for (const [what, forged] of Object.entries({
    "no signature": `${PUBLIC_URL}/callbacks/dream-machine`,
    "an empty one": with_({ luma_signature: "" }),
    "one that is no base64": with_({ luma_signature: "*".repeat(43) }),
    "one that was changed": with_({ luma_signature: parameter(url, "luma_signature").replace(/^./, (one) => (one === "A" ? "B" : "A")) }),
    "a part of it": with_({ luma_signature: parameter(url, "luma_signature").slice(0, 20) }),
    "another job's": with_({
      luma_signature: parameter(others.url, "luma_signature"),
      luma_expires: parameter(others.url, "luma_expires"),
    }),
    "another job with it": with_({ luma_ticket: others.id }),
    "the job behind another": `${with_({ luma_ticket: others.id })}&luma_ticket=${id}`,
    "a later end": with_({ luma_expires: String(Number(parameter(url, "luma_expires")) + 1) }),
    "another provider": url.replace("/callbacks/dream-machine", "/callbacks/piapi"),
    "another secret": await addressFor(id, "dream-machine", secret()),
    "the secret itself": await callbackUrl(`${PUBLIC_URL}/callbacks/dream-machine`, NEW, id),
    "one that has ended": await callbackUrl(`${PUBLIC_URL}/callbacks/dream-machine`, own, id, { expires: new Date(2026, 0) }),
  })) {
    const { status, json } = await post(forged, { body: JSON.stringify({ id, state: "completed" }) });
    assert.deepEqual([status, json.code], [403, "forged"], what);
  }
  assert.equal((await post(url.replace("dream-machine", "other"))).status, 404);
  assert.equal((await post(url.replace("/callbacks/", "/callbacks/x/"))).status, 404);
  assert.equal((await post(url.replace("/dream-machine", ""))).status, 404);
  for (const method of ["GET", "PUT", "DELETE", "PATCH"])
    assert.equal((await site.call(url.replace(PUBLIC_URL, ""), { method, token: false })).status, 405, method);
  assert.deepEqual(await woken(), []);
});

test("the one address wakes the one job, by the old secret as well", async () => {
  const { id, url } = await handedOver();
  await woken();
  for (const address of [url, await addressFor(id), await addressFor(id, "dream-machine", OLD), `${url}&more=1`]) {
    assert.equal((await post(address)).status, 200);
    assert.deepEqual(await woken(), [id], address);
  }
});

test("what is posted is never accepted as the state of a job, whatever it is", async () => {
  const { id, url, body } = await handedOver({ webhook: `${target}/hook` });
  const generation = JSON.parse(body);
  const assets = { video: "https://evil.example.com/video.mp4" };
  for (const posted of [
    JSON.stringify({ ...generation, state: "failed", failure_reason: "moderation" }),
    JSON.stringify({ ...generation, state: "completed", assets }),
    JSON.stringify({ ...generation, id: "another" }),
    "{",
    "",
    "[".repeat(50_000),
  ])
    assert.equal((await post(url, { body: posted })).status, 200, posted.slice(0, 100));
  // One that is much too large is cut off: then the answer may be lost, too.
  const cut = await post(url, { body: `"${"x".repeat(5_000_000)}"` }).catch(() => undefined);
  assert.ok(!cut || cut.status === 200);
  await site.simulator.advance(3_600_000);
  await post(url, { body: JSON.stringify({ ...generation, state: "failed", failure_reason: "moderation", assets }) });
  assert.equal(JSON.parse((await hookOf(id)).body).type, "job.completed");
  const job = await read(id);
  assert.ok(!job.history.some(({ event }) => event === "failed"));
  assert.doesNotMatch(JSON.stringify(job), /evil/);
});

test("a body that never comes is not waited for", async () => {
  const { url } = await handedOver();
  const { pathname, search } = new URL(url);
  const head = `POST ${pathname}${search} HTTP/1.1\nhost: worker\nconnection: close\ncontent-type: application/json\ncontent-length: 500000\n\n{"id":`;
  assert.equal((await site.raw(head)).status, 200);
});

test("replayed, duplicated and out of order: the job is what the provider says, its webhook is sent once", async () => {
  const { id, url, body: early } = await handedOver({ webhook: `${target}/hook` });
  const before = await reads();
  const answers = await Promise.all(Array.from({ length: 30 }, () => post(url, { body: early })));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.ok((await reads()) - before < 10, "a job is read once a second at most");
  await site.simulator.advance(3_600_000);
  const end = await called((call) => call.url === url && JSON.parse(call.body).state === "completed");
  await post(url, end);
  await hookOf(id);
  const { history: _, ...ended } = await read(id);
  assert.equal(ended.state, "completed");
  for (const body of [early, end.body, early]) assert.equal((await post(url, { body })).status, 200);
  const { history: __, ...later } = await read(id);
  assert.deepEqual(later, ended);
  const itsHooks = hooks.filter(({ body }) => JSON.parse(body).data.id === id);
  assert.equal(itsHooks.length, 1);
});

/** Until its history says so. */
async function history(id, event) {
  for (;;) {
    const found = (await read(id)).history.find((entry) => entry.event === event);
    if (found) return found;
  }
}

/** A job that has ended at the provider, which the Worker was told. */
async function ended(path, prompt = "A tiger") {
  const { id, url } = await handedOver({ webhook: target + path, request: { model: "ray-2", prompt } });
  await site.simulator.advance(3_600_000);
  await post(url);
  return id;
}

test("a webhook that was not accepted comes again, with the same id and a signature of its own", async () => {
  answers.set("/again", [{ status: 500 }]);
  const id = await ended("/again");
  const [first, second] = [await hookOf(id), await hookOf(id, 2)];
  assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
  assert.ok(Number(second.headers["webhook-timestamp"]) >= Number(first.headers["webhook-timestamp"]) + 4);
  assert.equal(first.body, second.body);
  const { secret } = (await site.call("/webhook-secret")).json;
  for (const { body, headers } of [first, second]) new Webhook(secret).verify(body, headers);
  const { detail } = await history(id, "webhook_delayed");
  assert.equal(detail, "The receiver answered 500.");
  await history(id, "webhook_delivered");
});

test("one that is answered by 410 does not come again; of a job that failed, too, its caller is told", async () => {
  answers.set("/gone", [{ status: 410 }]);
  const id = await ended("/gone", "A tiger [fail:moderation]");
  const { type, data } = JSON.parse((await hookOf(id)).body);
  assert.deepEqual([type, data.generation.state], ["job.failed", "failed"]);
  await history(id, "webhook_failed");
  assert.ok(!(await read(id)).history.some(({ event }) => event === "webhook_delayed"));
});

test("one that a crash cuts off comes again", async () => {
  answers.set("/cut", [{ status: 204, act: () => site.crash() }]);
  const id = await ended("/cut");
  const [first, second] = [await hookOf(id), await hookOf(id, 2)];
  assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
  await history(id, "webhook_delivered");
});

test("a receiver that does not answer delays no other caller's webhook", async () => {
  let release = () => {};
  const silence = new Promise((resolve) => {
    release = resolve;
  });
  let asked = 0;
  const act = () => {
    asked++;
    return silence;
  };
  answers.set("/silent", Array(10).fill({ status: 204, act }));
  const hand = async (token, path, count) => {
    const requests = Array.from({ length: count }, (_, number) => ({ model: "ray-2", prompt: `A silent tiger ${number}` }));
    const { json } = await site.call("/jobs", { token, body: { requests, provider: "dream-machine", webhook: target + path } });
    return json.jobs.map(({ id }) => id);
  };
  const made = async (ids, token) => {
    for (const id of ids) while ((await site.call(`/jobs/${id}`, { token })).json.state === "waiting");
  };
  const ofAnne = await hand(ANNE, "/silent", 10);
  await made(ofAnne, ANNE);
  await site.simulator.advance(3_600_000);
  while (asked < 4) await new Promise((resolve) => setImmediate(resolve));
  const [ofBob] = await hand(BOB, "/heard", 1);
  await made([ofBob], BOB);
  await site.simulator.advance(3_600_000);
  await hookOf(ofBob);
  assert.equal(asked, 4);
  release();
  for (const id of ofAnne) await history(id, "webhook_delivered");
});

test("a job that is not known, or no longer, is no error: a provider would try again", async () => {
  assert.equal((await post(await addressFor("job_0000000000000000000000"))).status, 200);
  assert.equal((await post(await addressFor("' OR 1=1 --"))).status, 200);
});

test("no line of the log has an address of a callback", () => {
  assert.ok(site.log.some((line) => line.includes("/callbacks/")));
  for (const line of site.log) assert.doesNotMatch(line, /luma_signature|luma_ticket/);
});

test("which jobs have an address", async () => {
  const SIGNING_SECRET = NEW;
  for (const [env, origin, provider, expected] of [
    [{ SIGNING_SECRET }, "https://luma.example.com", "piapi", "https://luma.example.com/callbacks/piapi?luma_ticket=job_1&"],
    [{ SIGNING_SECRET, PUBLIC_URL }, "https://luma.example.com", "useapi", `${PUBLIC_URL}/callbacks/useapi?luma_ticket=job_1&`],
    [{ SIGNING_SECRET, PUBLIC_URL }, "http://127.0.0.1:8787", "dream-machine", `${PUBLIC_URL}/callbacks/dream-machine?`],
    [{ SIGNING_SECRET }, "http://luma.example.com", "dream-machine"],
    [{ SIGNING_SECRET }, "https://127.0.0.1:8787", "dream-machine"],
    [{ SIGNING_SECRET, PUBLIC_URL: "http://127.0.0.1:8787" }, "https://luma.example.com", "dream-machine"],
    [{ SIGNING_SECRET }, "https://luma.example.com", "agents"],
    [{}, "https://luma.example.com", "dream-machine"],
    [{ SIGNING_SECRET: "" }, "https://luma.example.com", "dream-machine"],
  ]) {
    const address = await addressOf(env, origin, provider, "job_1");
    assert.equal(address?.slice(0, expected?.length), expected, JSON.stringify([env, origin, provider]));
    if (!address) continue;
    assert.ok(!address.includes(NEW));
    const client = createClient({ provider, baseUrl: "https://worker.example.com" });
    assert.deepEqual(await client.validate({ prompt: "A tiger", callback_url: address }), [], "the library sends it");
  }
});
