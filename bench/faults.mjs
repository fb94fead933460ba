// What a job costs when something goes wrong on the way, with luma-edge and with Luma's own client as Luma's guide uses it:
// `npm run bench:faults`. Both speak HTTP to a served simulator, one job for each line.

import { createClient } from "luma-edge";
import LumaAI from "lumaai";
import { fastClock, withFastTimers } from "./fast-time.mjs";
import { guideLoop } from "./guide-loop.mjs";
import { end, round, say, table } from "./report.mjs";
import { simulate } from "./served.mjs";

/** The simulator's time, and all timers of both clients: back-off, time-outs, pauses between polls. */
const SPEED = 30;
/** A client that has not ended after so many s has not delivered: lumaai waits for the rest of a body for ever. */
const PATIENCE = 300;

const FAULTS = [
  ["nothing", ""],
  ["a creation is received, its connection cut", "create:cut-after@1"],
  ["every creation is received, its connection cut", "create:cut-after"],
  ["a creation is cut, its work done 8 s later", "create:late=8@1"],
  ["a creation is received, no answer ever comes", "create:silence-after@1"],
  ["a creation is answered after 90 s", "create:slow=90000@1"],
  ["a creation is answered 503, after the work", "create:503-after@1"],
  ["the same, with `Retry-After`", "create:503-after=2@1"],
  ["a creation is answered 201, with an HTML page", "create:html-after=201@1"],
  ["a creation is answered 201, with no body", "create:empty@1"],
  ["a creation's answer breaks off half-way", "create:truncated@1"],
  ["429 to every second call", "any:429=2/2"],
  ["429 to the first four calls", "any:429=2x4"],
  ["500 to every second poll", "get:500/2,list:500/2"],
];

const request = { model: "ray-2", prompt: "A tiger walking in snow" };

const CONTENDERS = {
  "luma-edge": (baseURL) => createClient({ apiKey: "luma-bench", baseUrl: baseURL, clock: fastClock(SPEED) }).generate(request),
  lumaai: (baseURL) =>
    withFastTimers(SPEED, () => {
      const client = new LumaAI({ authToken: "luma-bench", baseURL });
      return patiently(guideLoop(client, () => client.generations.create(request)));
    }),
};

function patiently(work) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE * 1000, new Error(`not done after ${PATIENCE} s`)));
  return Promise.race([work, late]);
}

async function run(contender, faults) {
  const simulator = await simulate({ speed: SPEED, faults });
  try {
    const start = performance.now();
    let failure;
    try {
      await CONTENDERS[contender](simulator.baseUrl);
    } catch (error) {
      failure = `${error.name}: ${error.message}`.slice(0, 48);
    }
    const seconds = ((performance.now() - start) / 1000) * SPEED;
    const { created, requests } = await simulator.look("stats");
    const sent = Object.values(requests).reduce((sum, count) => sum + count, 0);
    return { paid: created.video + created.image, delivered: Number(!failure), requests: sent, seconds: round(seconds), failure };
  } finally {
    await simulator.close();
  }
}

say(`One ray-2 video under each fault. Time is sped up ${SPEED} times on both sides; seconds are those of the simulator.`);
const rows = [];
const wrong = [];
for (const [what, faults] of FAULTS) {
  for (const client of Object.keys(CONTENDERS)) {
    const row = await run(client, faults);
    rows.push({ what, client, ...row });
    if (client === "luma-edge" && !(row.paid === 1 && row.delivered === 1)) {
      wrong.push(`luma-edge paid for ${row.paid} and delivered ${row.delivered} (${what}): ${row.failure}`);
    }
  }
}
table("Jobs paid for and delivered, of one that was asked for", rows);
end(wrong);
process.exit(); // what lumaai waits for for ever would keep the process
