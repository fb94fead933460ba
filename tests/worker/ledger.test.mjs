// The ledger, over SQLite in workerd and over the memory of a process: the same calls give the same answers.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/setup.mjs";
import { importSource } from "../source.mjs";
import { startOwnSite } from "./site.mjs";

const { Ledger } = await importSource("worker/src/limits/ledger.ts");
const { MemoryRows } = await importSource("worker/src/limits/memory-rows.ts");

/** Runs calls, each a method and what it is given; `clock` sets the time. */
const run = `(makeLedger, calls) => {
  let now = 0;
  const ledger = makeLedger(() => now);
  return calls.map(([method, ...given]) => (method === "clock" ? ((now = given[0]), null) : (ledger[method](...given) ?? null)));
}`;

const source = (path) => JSON.stringify(join(root, "worker/src", path));
const OWN = `
  import { DurableObject } from "cloudflare:workers";
  import { Ledger } from ${source("limits/ledger.ts")};
  import { SqlRows } from ${source("limits/sql-rows.ts")};
  export { Creation } from ${source("index.ts")};
  const run = ${run};
  export class Account extends DurableObject {
    run(calls) {
      return run((now) => new Ledger(new SqlRows(this.ctx.storage.sql), now), calls);
    }
  }
  export default {
    fetch: async (request, { ACCOUNT }) => Response.json(await ACCOUNT.get(ACCOUNT.newUniqueId()).run(await request.json())),
  };`;

let site;
before(async () => {
  site = await startOwnSite(OWN);
});
after(() => site?.stop());

/** What comes of the calls, which has to be the same in both. */
async function answers(calls) {
  // biome-ignore lint/security/noGlobalEval: the same text runs in workerd
  const inMemory = eval(run)((now) => new Ledger(new MemoryRows(), now), calls);
  const { json } = await site.call("/", { body: calls });
  assert.deepEqual(json, inMemory);
  return json;
}

const NOON = Date.UTC(2026, 10, 27, 12);
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const reserve = (id, more = {}) => ["reserve", { id, caller: "anne", provider: "agents", usd: 1, limits: {}, total: {}, ...more }];
const codes = (told) => told.map((answer) => answer?.code ?? answer);

for (const [name, calls, expected] of [
  [
    "a budget of a day, which the next day has anew",
    [
      reserve("a", { limits: { usdPerDay: 2 } }),
      reserve("b", { limits: { usdPerDay: 2 } }),
      reserve("b", { limits: { usdPerDay: 2 } }),
      reserve("c", { limits: { usdPerDay: 2 } }),
      ["clock", NOON + DAY],
      reserve("d", { limits: { usdPerDay: 2 } }),
    ],
    [null, null, null, "budget", null, null],
  ],
  [
    "a budget of all, beside that of each",
    [
      reserve("a", { total: { usdPerMonth: 1.5 } }),
      reserve("b", { caller: "bob", total: { usdPerMonth: 1.5 } }),
      reserve("c", { caller: "bob", usd: 0.5, total: { usdPerMonth: 1.5 } }),
    ],
    [null, "budget", null],
  ],
  [
    "what was released or refunded comes back, once; what is unknown does not",
    [
      reserve("a", { limits: { usdPerDay: 1 } }),
      ["release", "a"],
      ["release", "a"],
      reserve("b", { limits: { usdPerDay: 1 } }),
      ["started", "b", "job-b"],
      ["ended", "agents", "job-b", true],
      ["ended", "agents", "job-b", true],
      reserve("c", { limits: { usdPerDay: 1 } }),
      ["unknown", "c"],
      reserve("d", { limits: { usdPerDay: 1 } }),
      ["started", "c", "job-c"],
      ["ended", "agents", "job-c", true],
      reserve("e", { limits: { usdPerDay: 1 } }),
    ],
    [null, null, null, null, null, null, null, null, null, "budget", null, null, null],
  ],
  [
    "a refund is of the day that it was taken from",
    [
      reserve("a", { limits: { usdPerDay: 1 } }),
      ["started", "a", "job-a"],
      ["clock", NOON + DAY],
      reserve("b", { limits: { usdPerDay: 1 } }),
      ["ended", "agents", "job-a", true],
      reserve("c", { limits: { usdPerDay: 1 } }),
    ],
    [null, null, null, null, null, "budget"],
  ],
  [
    "jobs at once: those on their way and those that run, not those that ended or are unknown",
    [
      reserve("a", { limits: { jobsAtOnce: 2 } }),
      reserve("b", { limits: { jobsAtOnce: 2 } }),
      reserve("c", { limits: { jobsAtOnce: 2 } }),
      ["unknown", "a"],
      reserve("d", { limits: { jobsAtOnce: 2 } }),
      ["started", "d", "job-d"],
      reserve("e", { limits: { jobsAtOnce: 2 } }),
      ["ended", "agents", "job-d", false],
      reserve("f", { limits: { jobsAtOnce: 2 } }),
    ],
    [null, null, "limit", null, null, null, "limit", null, null],
  ],
  [
    "creations in any minute",
    [
      reserve("a", { limits: { jobsPerMinute: 2 } }),
      ["clock", NOON + MINUTE / 2],
      reserve("b", { limits: { jobsPerMinute: 2 } }),
      reserve("c", { limits: { jobsPerMinute: 2 } }),
      ["clock", NOON + MINUTE],
      reserve("d", { limits: { jobsPerMinute: 2 } }),
    ],
    [null, null, null, "limit", null, null],
  ],
  [
    "no price: refused where there is a budget, unless it counts as something",
    [
      reserve("a", { usd: undefined, limits: { usdPerDay: 1 } }),
      reserve("b", { usd: undefined }),
      reserve("c", { usd: undefined, limits: { usdPerDay: 1, usdUnpriced: 0.6 } }),
      reserve("d", { usd: undefined, limits: { usdPerDay: 1, usdUnpriced: 0.6 } }),
    ],
    ["price_unknown", null, null, "budget"],
  ],
  [
    "one with the same fingerprint at the same provider is on its way",
    [
      reserve("a", { fingerprint: "x" }),
      ["hasInFlightMatch", { id: "b", provider: "agents", fingerprint: "x" }],
      ["hasInFlightMatch", { id: "a", provider: "agents", fingerprint: "x" }],
      ["hasInFlightMatch", { id: "b", provider: "piapi", fingerprint: "x" }],
      ["hasInFlightMatch", { id: "b", provider: "agents" }],
      ["started", "a", "job-a"],
      ["hasInFlightMatch", { id: "b", provider: "agents", fingerprint: "x" }],
    ],
    [null, true, false, false, false, null, false],
  ],
  [
    "whose a generation is, part by part, and that the first owner stays; after a year nobody's",
    [
      reserve("a", { provider: "useapi" }),
      ["started", "a", "one,two"],
      ["claim", "useapi", "generation", "one", "bob"],
      ["owned", "useapi", "generation", ["one,two", "one", "two", "three"], "anne"],
      ["owned", "useapi", "generation", ["one"], "bob"],
      ["owned", "useapi", "file", ["one"], "anne"],
      ["owned", "useapi", "generation", ["one", "three"]],
      ["clock", NOON + 367 * DAY],
      reserve("b"),
      ["owned", "useapi", "generation", ["one"], "anne"],
    ],
    [null, null, null, ["one,two", "one", "two"], [], [], ["one"], null, null, []],
  ],
]) {
  test(name, async () => {
    const [, ...told] = await answers([["clock", NOON], ...calls]);
    assert.deepEqual(codes(told), expected);
  });
}

/** The same numbers from the same seed. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("3000 calls at random, over two months", async () => {
  const draw = random(17);
  const one = (...values) => values[draw(values.length)];
  const provider = () => one("agents", "useapi");
  const made = (number) => [`creation-${number}`, `job-${number},part-${number}`];
  const id = () => `creation-${draw(60)}`;
  let now = NOON;
  const limits = () => ({
    ...(draw(2) && { usdPerDay: draw(5) }),
    ...(draw(2) && { usdPerMonth: draw(40) }),
    ...(draw(2) && { jobsAtOnce: draw(8) }),
    ...(draw(2) && { jobsPerMinute: draw(6) }),
    ...(draw(2) && { usdUnpriced: 0.3 }),
  });
  const draws = [
    () => ["clock", (now += one(1000, 20_000, 3_600_000, DAY / 2))],
    () =>
      reserve(id(), {
        caller: one("anne", "bob"),
        provider: provider(),
        usd: one(0.1, 0.7, null) ?? undefined,
        limits: limits(),
        total: limits(),
        fingerprint: one("x", "y", null) ?? undefined,
      }),
    () => ["hasInFlightMatch", { id: id(), provider: provider(), fingerprint: one("x", "y") }],
    () => ["started", ...made(draw(60))],
    () => ["ended", provider(), made(draw(60))[1], one(true, false)],
    () => ["release", id()],
    () => ["unknown", id()],
    () => ["owned", provider(), "generation", [`job-${draw(60)}`, `part-${draw(60)}`], ...one(["anne"], ["bob"], [])],
  ];
  const told = codes(await answers(Array.from({ length: 3000 }, () => one(...draws)())));
  for (const code of ["budget", "limit", "price_unknown", true]) assert.ok(told.includes(code), `it comes to ${code}`);
});
