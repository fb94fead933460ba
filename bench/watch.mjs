// Many jobs in flight at once: how often they are asked for, how late their end is noticed, and what that costs, beside the
// loop of Luma's guide: `npm run bench:watch`.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { end, round, say, table } from "./report.mjs";

const MEASUREMENT = fileURLToPath(new URL("watching.mjs", import.meta.url));
const MEGABYTE = 2 ** 20;

/** What has to hold: at 100 jobs a request a second, and 19 of 20 ends noticed within 2 s; at 10 000 so much memory, which later rounds leave as it is. */
const MOST_A_MINUTE = 60;
const LATEST = 2;
const MOST_MEGABYTES = 32;

/** How many jobs, and how many rounds of them one after the other in one client. */
const RUNS = [
  ["luma-edge", 1, 5],
  ["luma-edge", 10, 3],
  ["luma-edge", 100, 3],
  ["luma-edge", 1000, 1],
  ["luma-edge", 10_000, 2],
  ["lumaai", 1, 5],
  ["lumaai", 10, 3],
  ["lumaai", 100, 2],
  ["lumaai", 1000, 1],
];

async function measure(client, jobs, rounds) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", MEASUREMENT, client, jobs, rounds], {
    maxBuffer: 64 * MEGABYTE,
  });
  return JSON.parse(stdout);
}

function watched(client, jobs, { rounds, lateness }) {
  const late = lateness.map((ms) => ms / 1000).sort((a, b) => a - b);
  const at = (share) => round(late[Math.floor((late.length - 1) * share)], 1);
  const mean = (value) => rounds.reduce((sum, round) => sum + value(round), 0) / rounds.length;
  return {
    client,
    jobs,
    "polls a minute": round(
      mean(({ polls, seconds }) => (polls / seconds) * 60),
      jobs > 10 ? 0 : 1,
    ),
    "polls a job": round(
      mean(({ polls }) => polls / jobs),
      2,
    ),
    "late p50, s": at(0.5),
    "late p95, s": at(0.95),
    "late most, s": at(1),
    "CPU a job, ms": round(
      mean(({ cpu }) => cpu / jobs),
      1,
    ),
    "CPU, %": round(
      mean(({ cpu, seconds }) => cpu / seconds / 10),
      1,
    ),
    "JS memory, kB a job": jobs >= 100 ? round(rounds[0].heap / jobs / 1024, 1) : "",
  };
}

say("ray-2 videos (72 s, two in three within a quarter of that), all made at once, no limits; the client alone in its process.");
say("Virtual time over real HTTP: seconds are those of the jobs, CPU is real. Takes three minutes.");
const rows = [];
const memory = [];
for (const [client, jobs, rounds] of RUNS) {
  const report = await measure(client, jobs, rounds);
  rows.push(watched(client, jobs, report));
  if (rounds > 1 && client === "luma-edge")
    memory.push({
      jobs,
      ...Object.fromEntries(report.rounds.map(({ wasm }, index) => [`after round ${index + 1}, MB`, round(wasm / MEGABYTE, 2)])),
    });
}
const [most] = rows.filter(({ client }) => client === "lumaai").slice(-1);
rows.push({
  client: "lumaai, computed",
  jobs: 10_000,
  "polls a minute": most["polls a minute"] * 10,
  "polls a job": most["polls a job"],
  "CPU, %": most["CPU, %"] * 10,
});
table("Watching jobs", rows);
table("WebAssembly's memory, which never shrinks: what a later round adds has leaked", memory);

const hundred = rows.find(({ client, jobs }) => client === "luma-edge" && jobs === 100);
const grown = memory.filter(({ jobs, ...rounds }) => Math.max(...Object.values(rounds)) > Object.values(rounds)[0]);
end(
  [
    hundred["polls a minute"] > MOST_A_MINUTE && `100 jobs take ${hundred["polls a minute"]} requests a minute, ${MOST_A_MINUTE} at most`,
    hundred["late p95, s"] > LATEST && `100 jobs are noticed ${hundred["late p95, s"]} s late (p95), ${LATEST} at most`,
    ...memory.map(
      ({ jobs, ...rounds }) => Math.max(...Object.values(rounds)) >= MOST_MEGABYTES && `${jobs} jobs take ${MOST_MEGABYTES} MB or more`,
    ),
    ...grown.map(({ jobs }) => `a later round of ${jobs} jobs took more memory than the first`),
  ].filter(Boolean),
);
