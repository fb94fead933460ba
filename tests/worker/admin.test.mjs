// `/admin`: what whoever runs the Worker is shown, as JSON and as a page; and that nobody else is.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { launch } from "../chromium.mjs";
import { importSource } from "../source.mjs";
import { jobsOf } from "./jobs.mjs";
import { ANNE, BOB, once_, startSite } from "./site.mjs";

const CAROL = "token-of-carol-0123456789abcdef";
const TOKEN = "token-of-the-operator-0123456789abcdef";
const sha256 = createHash("sha256").update(TOKEN).digest("hex");

let site, browser;
before(async () => {
  const [anne, bob, carol] = callers([ANNE, BOB, CAROL]);
  site = await startSite({
    env: {
      ADMIN_SHA256: sha256,
      LIMITS: { usdPerMonth: 200, usdPerDay: 20, jobsAtOnce: 10 },
      CALLER_LIMITS: { usdPerDay: 5 },
      CALLERS: [anne, { ...bob, limits: { usdPerDay: 0.2 } }, { ...carol, limits: { jobsAtOnce: 1 } }],
    },
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const shown of [...site.answers, ...site.log]) assert.ok(!shown.includes(TOKEN));
  await site.stop();
});

let address = 0;
/** Each from another address, unless it says which. */
const admin = (headers = {}) =>
  site.call("/admin", {
    token: false,
    headers: { "cf-connecting-ip": `192.0.2.${address++}`, authorization: `Bearer ${TOKEN}`, ...headers },
  });
const video = (prompt, token = ANNE) =>
  site.call("/luma/agents/generations", {
    token,
    body: { type: "video", model: "ray-3.2", prompt, video: { resolution: "540p", duration: "5s" } },
  });
const basic = (password) => `Basic ${Buffer.from(`anyone:${password}`).toString("base64")}`;

test("spend, jobs, creations of unknown outcome and errors, by caller", async () => {
  const { json: job } = await video("A tiger");
  await video("A lion", BOB);
  const refused = [await video("A wolf", BOB), await video("A bear", BOB)];
  assert.deepEqual(
    refused.map(({ json }) => json.code),
    ["budget", "budget"],
  );
  site.intercept = once_("POST", "/agents/v1/generations", "cut-after");
  const lost = await video("A fox");
  assert.equal(lost.json.code, "unknown_outcome");

  const { status, json, headers } = await admin();
  assert.deepEqual([status, headers.get("cache-control")], [200, "no-store"]);
  assert.deepEqual(json.total, {
    usd_today: 0.45,
    usd_month: 0.45,
    running: 2,
    limits: { usdPerDay: 20, usdPerMonth: 200, jobsAtOnce: 10 },
  });
  assert.deepEqual(json.callers, [
    { name: "caller-1", usd_today: 0.3, usd_month: 0.3, running: 1, limits: { usdPerDay: 5 } },
    { name: "caller-2", usd_today: 0.15, usd_month: 0.15, running: 1, limits: { usdPerDay: 0.2 } },
    { name: "caller-3", usd_today: 0, usd_month: 0, running: 0, limits: { jobsAtOnce: 1 } },
  ]);
  assert.equal(json.running.count, 2);
  assert.deepEqual(
    json.running.jobs.map(({ caller, provider, usd }) => [caller, provider, usd]),
    [
      ["caller-1", "agents", 0.15],
      ["caller-2", "agents", 0.15],
    ],
  );
  assert.equal(json.running.jobs[0].generation, job.id);
  const [unknown] = json.unknown.jobs;
  assert.deepEqual([json.unknown.count, unknown.caller, unknown.provider, unknown.usd], [1, "caller-1", "agents", 0.15]);
  assert.ok(Date.now() - Date.parse(unknown.created_at) < 60_000);
  const [unknownOutcome, answerLost, budget] = json.errors;
  assert.deepEqual(
    [unknownOutcome, answerLost].map(({ code, caller, times, request_id }) => [code, caller, times, request_id]),
    ["unknown_outcome", "answer_lost"].map((code) => [code, "caller-1", 1, lost.headers.get("x-request-id")]),
  );
  assert.deepEqual(
    [budget.code, budget.caller, budget.times, budget.request_id],
    ["budget", "caller-2", 2, refused[1].headers.get("x-request-id")],
    "what repeats itself is one line",
  );
  assert.ok(!JSON.stringify(json).includes("fox"), "no prompt");
});

test("the queue, by caller: what waits, since when, and who is held", async () => {
  assert.deepEqual((await admin()).json.queue, { states: {}, callers: [], held: [], webhooks: 0 });
  const jobs = jobsOf(site);
  const requests = ["A tiger", "A lion", "A wolf"].map((prompt) => ({ model: "ray-3.2", prompt }));
  const { json } = await jobs.submit({ requests, provider: "agents" }, { token: CAROL });
  const [sent, waiting] = json.jobs;
  await jobs.until(sent.id, ["queued", "dreaming"], { token: CAROL });
  const { queue } = (await admin()).json;
  const [{ states, name, oldest_waiting: oldest }, ...others] = queue.callers;
  assert.deepEqual([name, others, states.waiting], ["caller-3", [], 2]);
  assert.deepEqual(queue.states, states);
  assert.deepEqual([oldest, queue.oldest_waiting], [waiting.created_at, waiting.created_at]);
  assert.deepEqual(
    queue.held.map(({ caller, provider, reason }) => [caller, provider, reason]),
    [["caller-3", "agents", "concurrency"]],
  );
  assert.ok(Date.parse(queue.held[0].until) > Date.now());
  await jobs.cancel(waiting.id, { token: CAROL });
  assert.equal((await admin()).json.queue.states.cancelled, 1);
});

test("what an alarm logs says of which creation, whose and from which request", async () => {
  const line = JSON.parse(await site.line("answer_lost"));
  assert.equal(line.caller, "caller-1");
  assert.equal(line.provider, "agents");
  assert.match(line.creation, /^[0-9a-f]{64}$/);
  assert.match(line.request_id, /^[0-9a-f-]{36}$/);
});

test("nobody else is shown anything, and a browser may ask for the token", async () => {
  for (const authorization of ["", `Bearer ${ANNE}`, `Bearer ${TOKEN}x`, `Bearer ${sha256}`, basic("wrong"), "Basic %%%", basic("")]) {
    const { status, json, headers } = await admin({ authorization });
    assert.deepEqual([status, json.code], [401, "unauthorized"], authorization);
    assert.match(headers.get("www-authenticate"), /^Basic realm=/);
  }
  assert.equal((await admin({ authorization: basic(TOKEN) })).status, 200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    assert.equal((await site.call("/admin", { method, token: TOKEN })).status, 404);
});

test("a page of another origin cannot read it", async () => {
  const { headers } = await admin({ origin: "https://elsewhere.example" });
  assert.equal(headers.get("access-control-allow-origin"), null);
});

test("guesses are few, from whatever address they come; the operator elsewhere goes on", async () => {
  const guess = (token) => admin({ authorization: `Bearer ${token}`, "cf-connecting-ip": "198.51.100.7" });
  const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => guess(`guess-${number}`)));
  assert.equal(answers.filter(({ status }) => status === 401).length, 30);
  assert.equal((await guess(TOKEN)).status, 429, "a right one is not told from a wrong one any more");
  const six = (end) => admin({ authorization: "Bearer guess", "cf-connecting-ip": `2001:db8::${end}` });
  const ofOneNetwork = await Promise.all(Array.from({ length: 40 }, (_, number) => six(number.toString(16))));
  assert.equal(ofOneNetwork.filter(({ status }) => status === 401).length, 30);
  assert.equal((await admin()).status, 200);
});

test("the hash of nothing lets nobody in", async () => {
  const other = await startSite({ env: { ADMIN_SHA256: createHash("sha256").digest("hex") } });
  for (const authorization of [basic(""), "Bearer ", "Basic Og=="])
    assert.equal((await other.call("/admin", { token: false, headers: { authorization } })).status, 401);
  await other.stop();
});

test("without its setting it is closed, and one that cannot be read closes all", async () => {
  for (const [setting, words] of [
    [undefined, /set the secret ADMIN_SHA256/],
    ["not a hash", /not configured as it should be/],
  ]) {
    const other = await startSite({ env: { ADMIN_SHA256: setting } });
    const { status, json } = await other.call("/admin", { token: TOKEN });
    assert.deepEqual([status, json.code], [403, "not_configured"]);
    assert.match(json.detail, words);
    await other.stop();
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`the page, ${colorScheme}`, async () => {
    const context = await browser.newContext({ colorScheme, httpCredentials: { username: "anyone", password: TOKEN } });
    const page = await context.newPage();
    const wrong = [];
    page.on("console", (message) => wrong.push(message.text()));
    const response = await page.goto(`${site.worker.url}/admin`);
    assert.equal(response.status(), 200);
    assert.doesNotMatch(response.headers()["content-security-policy"], /unsafe|script/);
    await page.getByRole("heading", { name: "Last errors" }).waitFor();
    const spend = page.getByRole("region", { name: "Spend by caller" });
    assert.match(await spend.getByRole("row", { name: "caller-2" }).textContent(), /\$0\.15 of \$0\.20/);
    assert.match(await page.getByRole("row", { name: /A budget is spent/ }).textContent(), /2 times/);
    assert.ok((await page.evaluate(() => getComputedStyle(document.body).maxWidth)) !== "none", "its style passes its own policy");
    await page.setViewportSize({ width: 320, height: 600 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "tables scroll by themselves, the page does not");
    await page.setViewportSize({ width: 1280, height: 800 });
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/admin-${colorScheme}.png`, fullPage: true });
    await context.close();
    assert.deepEqual(wrong, []);
  });
}

test("what callers named themselves is text", async () => {
  const { page } = await importSource("worker/src/admin/page.ts");
  const NAME = `"><script>alert(1)</script>`;
  const spent = { usd_today: 1, usd_month: 2, running: 3 };
  const job = { id: NAME, caller: NAME, provider: NAME, generation: NAME, usd: 1, created_at: NAME };
  const jobs = { count: 1, jobs: [job] };
  const error = { at: NAME, code: NAME, times: 2, caller: NAME, provider: NAME, request_id: NAME };
  const total = { ...spent, limits: {} };
  const hold = { caller: NAME, provider: NAME, until: NAME, reason: "limit" };
  const queue = {
    states: {},
    callers: [{ name: NAME, states: {}, oldest_waiting: NAME }],
    oldest_waiting: NAME,
    held: [hold],
    webhooks: 0,
  };
  const given = {
    at: NAME,
    day: NAME,
    month: NAME,
    total,
    callers: [{ ...spent, name: NAME }],
    queue,
    running: jobs,
    unknown: jobs,
    errors: [error],
  };
  const text = await (await page(given)).text();
  assert.match(text, /&lt;script&gt;/);
  assert.doesNotMatch(text, /<script/);
});
