// Limits and budgets, exact however many creations come at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { ANNE, BOB, startSite } from "./site.mjs";

const CAROL = "token-of-carol-0123456789abcdef";
const DAVE = "token-of-dave-0123456789abcdef";
const ERIN = "token-of-erin-0123456789abcdef";

let site;
before(async () => {
  const [anne, bob, carol, dave, erin] = callers([ANNE, BOB, CAROL, DAVE, ERIN]);
  site = await startSite({
    env: {
      CALLERS: [
        { ...anne, limits: { usdPerDay: 1.5, usdUnpriced: 0.15 } },
        { ...bob, limits: { jobsAtOnce: 3, models: ["ray-2", "ray-3.2"] } },
        { ...carol, limits: { usdPerMonth: 100 } },
        { ...erin, limits: { usdPerDay: 0.2 } },
        { ...dave, limits: { requestsPerMinute: 4, jobsPerMinute: 2 } },
      ],
      LIMITS: { usdPerDay: 1000 },
    },
  });
});
after(() => site?.stop());

let number = 0;
/** A video of the Agents API, whose price is published: 0.15 dollars. */
const video = (token, more = {}) =>
  site.call("/luma/agents/generations", {
    token,
    body: {
      type: "video",
      model: "ray-3.2",
      prompt: `A tiger, number ${number++}`,
      video: { resolution: "540p", duration: "5s" },
      ...more,
    },
  });
const statuses = (answers) => answers.map(({ status }) => status).sort();
const count = (answers, status) => answers.filter((answer) => answer.status === status).length;

test("100 creations at once against a budget for 10: 10 are made", async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => video(ANNE)));
  assert.equal(count(answers, 201), 10, JSON.stringify(statuses(answers)));
  assert.equal(count(answers, 402), 90);
  assert.match(
    answers.find(({ status }) => status === 402).json.detail,
    /budget of this caller for this day.*costs \$0\.15, and \$0\.00 is left/,
  );
  assert.equal((await site.received()).filter((call) => call === "POST /agents/v1/generations").length, 10);
});

test("a job that failed, and that the provider does not charge, gives its money back", async () => {
  const failing = await video(ERIN, { prompt: "A tiger [fail:moderation]" });
  assert.equal(failing.status, 201);
  assert.equal((await video(ERIN)).status, 402, "its budget is for one");
  await site.simulator.advance(3_600_000);
  assert.equal((await site.call(`/luma/agents/generations/${failing.json.id}`, { token: ERIN })).json.state, "failed");
  assert.equal((await video(ERIN)).status, 201);
  assert.equal((await video(ERIN)).status, 402);
});

test("jobs at once: the place of one that has ended is free as soon as its caller has seen it", async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => video(BOB)));
  assert.equal(count(answers, 201), 3);
  assert.equal(count(answers, 429), 9);
  const refused = answers.find(({ status }) => status === 429);
  assert.match(refused.json.detail, /concurrent jobs/);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  const made = answers.filter(({ status }) => status === 201);
  await site.simulator.advance(3_600_000);
  assert.equal((await site.call(`/luma/agents/generations/${made[0].json.id}`, { token: BOB })).json.state, "completed");
  assert.equal((await video(BOB)).status, 201);
  assert.equal((await video(BOB)).status, 429);
});

test("a refusal by the provider gives back the place and the money", async () => {
  site.intercept = ({ method }) =>
    method === "POST" ? (response) => response.writeHead(400, { "content-type": "application/json" }).end('{"detail":"no"}') : undefined;
  for (let index = 0; index < 10; index++) {
    const { status, json } = await video(CAROL);
    assert.deepEqual([status, json], [400, { detail: "no" }], "in the provider's words");
  }
  site.intercept = undefined;
  const answers = await Promise.all([video(CAROL), video(CAROL)]);
  assert.deepEqual(statuses(answers), [201, 201]);
});

test("what cannot be priced is refused where there is a budget and no ceiling", async () => {
  const { status, json } = await site.call("/luma/useapi/videos", { token: CAROL, body: { prompt: "A tiger", model: "ray-v3-flash" } });
  assert.deepEqual([status, json.code], [422, "price_unknown"]);
  const ceiling = await site.call("/luma/useapi/videos", { token: ANNE, body: { prompt: "A tiger", model: "ray-v3-flash" } });
  assert.equal(ceiling.json.code, "budget", "with one it counts as that");
});

test("only the models that a caller may have", async () => {
  const { status, json } = await site.create({ model: "ray-flash-2" }, { token: BOB });
  assert.deepEqual([status, json.detail], [422, "model: must be one of ray-2, ray-3.2"]);
});

test("creations and requests a minute", async () => {
  const made = await Promise.all([video(DAVE), video(DAVE), video(DAVE)]);
  assert.deepEqual(statuses(made), [201, 201, 429]);
  assert.match(made.find(({ status }) => status === 429).json.detail, /2 a minute/);
  const reads = await Promise.all(Array.from({ length: 4 }, () => site.call("/luma/ping", { token: DAVE })));
  assert.deepEqual(statuses(reads), [200, 429, 429, 429]);
  assert.ok(Number(reads.find(({ status }) => status === 429).headers.get("retry-after")) > 50);
});
