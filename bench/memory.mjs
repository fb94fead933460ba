// Whether a client that lives for long gets slower or larger: `npm run bench:memory`. Each case is a process of its own that creates and
// polls 100,000 jobs one after the other, on a stubbed network. A server's dates are ours, none, still, a day ahead or a week behind,
// since what a client remembers of jobs must not depend on them.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { end, round, say, table } from "./report.mjs";

const JOBS = 100_000;
const STEP = 1000;
const DAY = 86_400_000;
const DATES = {
  "as ours": (now) => now,
  none: () => undefined,
  "stands still": () => Date.UTC(2020, 0, 1),
  "a day ahead": (now) => now + DAY,
  "a week behind": (now) => now - 7 * DAY,
};
/** The cost of the last thousand, by that of the second. */
const MOST_GROWTH = 1.3;
const MOST_KB = 1024;

if (process.send) {
  process.send(await run(process.argv[2], process.argv[3] === "store"));
  process.disconnect();
} else {
  const rows = [];
  const wrong = [];
  for (const dates of Object.keys(DATES)) {
    for (const store of ["no store", "store"]) {
      const row = { dates, store, ...(await inProcess(dates, store)) };
      rows.push(row);
      say(`${dates}, ${store}: ${row["second, µs"]} µs, then ${row["last, µs"]} µs`);
      if (row.growth > MOST_GROWTH) wrong.push(`${dates}, ${store}: a job costs ${row.growth} times as much in the end`);
      for (const memory of ["wasm, kB more", "heap, kB more"])
        if (row[memory] > MOST_KB) wrong.push(`${dates}, ${store}: ${row[memory]} ${memory}`);
    }
  }
  table(`µs of CPU a job, of ${JOBS} jobs`, rows);
  end(wrong);
}

function inProcess(dates, store) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [dates, store], { execArgv: ["--expose-gc"] });
    child.once("message", resolve);
    child.once("exit", (code) => code && reject(new Error(`${dates}, ${store}: exit ${code}`)));
  });
}

async function run(dates, stored) {
  const { now } = await import("./fast-waits.mjs");
  const memories = [];
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate.apply(WebAssembly, given);
    memories.push((made.instance ?? made).exports.memory);
    return made;
  };
  const { createClient } = await import("luma-edge");
  const { memoryStore } = await import("luma-edge/stores");

  const request = { model: "ray-2", prompt: "A tiger walking in snow", aspect_ratio: "16:9", resolution: "720p", duration: "5s" };
  let made = 0;
  const fetch = async (url, { method }) => {
    const date = DATES[dates](now());
    const headers = { "content-type": "application/json", ...(date && { date: new Date(date).toUTCString() }) };
    const created = method === "POST";
    const job = {
      id: created ? `123e4567-e89b-12d3-a456-${String(++made).padStart(12, "0")}` : url.split("/").at(-1),
      state: created ? "queued" : "completed",
      ...(date && { created_at: new Date(date).toISOString() }),
      assets: created ? null : { video: "https://cdn.example/tiger.mp4" },
      model: "ray-2",
      request,
    };
    return new Response(JSON.stringify(job), { status: created ? 201 : 200, headers });
  };
  const store = stored ? memoryStore() : undefined;
  const client = createClient({ apiKey: "luma-bench", fetch, limits: "none", ...(store && { store }) });

  const costs = [];
  let before;
  for (let thousand = 0; thousand < JOBS / STEP; thousand++) {
    const start = process.cpuUsage();
    for (let job = 0; job < STEP; job++) await client.poll(await client.create(request));
    const { user, system } = process.cpuUsage(start);
    costs.push((user + system) / STEP);
    // What is bounded has come to its bounds.
    if (thousand === 9) before = memory(memories);
  }
  const after = memory(memories);
  const [second, last] = [costs[1], costs.at(-1)];
  return {
    "second, µs": round(second),
    "middle, µs": round(costs[costs.length >> 1]),
    "last, µs": round(last),
    growth: round(last / second, 2),
    "wasm, kB": round(after.wasm),
    "wasm, kB more": round(after.wasm - before.wasm),
    "heap, kB": round(after.heap),
    "heap, kB more": round(after.heap - before.heap),
  };
}

/** In kB. */
function memory(memories) {
  for (let time = 0; time < 3; time++) globalThis.gc();
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { wasm: wasm / 1024, heap: process.memoryUsage().heapUsed / 1024 };
}
