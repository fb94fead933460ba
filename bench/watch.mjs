// Many jobs in flight at once: how often they are asked for, how late their end is noticed, and what that costs, beside the
// loop of Luma's guide: `npm run bench:watch`.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { end, round, say, table } from "./report.mjs";

const MEASUREMENT = fileURLToPath(new URL("watching.mjs", import.meta.url));
const MEGABYTE = 2 ** 20;

/**
 * What has to hold: at 100 jobs a request a second, and 19 of 20 ends noticed within 2 s; at 10 000 so much memory, which grows no more once the
 * second round has filled the lists of bounded length and the gaps between them.
 */
const MOST_A_MINUTE = 60;
const LATEST = 2;
const MOST_MEGABYTES = 34;

/** How many jobs, and how many rounds of them one after the other in one client. */
const RUNS = [
  ["luma-edge", 1, 5],
  ["luma-edge", 10, 3],
  ["luma-edge", 100, 3],
  ["luma-edge", 1000, 1],
  ["luma-edge", 10_000, 3],
  ["lumaai", 1, 5],
  ["lumaai", 10, 3],
  ["lumaai", 100, 2],
  ["lumaai", 1000, 1],
];

/** The same for jobs that all take so many ms: a quarter of the time that luma-edge guesses, that time, four times that, a quarter of an hour. The first round is a client's first. */
const LENGTHS = [18_000, 72_000, 288_000, 900_000];
const LENGTH_RUNS = [1, 10, 100];
const LENGTH_ROUNDS = 5;

async function measure(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", MEASUREMENT, ...args], {
    maxBuffer: 64 * MEGABYTE,
  });
  return JSON.parse(stdout);
}

/** One row for the first round, one for the others. */
function ofLength(ms, jobs, { rounds, lateness }) {
  const row = (which, rounds, late) => {
    late.sort((a, b) => a - b);
    const at = (share) => round(late[Math.floor((late.length - 1) * share)] / 1000, 1);
    const polls = rounds.reduce((sum, { polls }) => sum + polls, 0) / rounds.length;
    const seconds = rounds.reduce((sum, { seconds }) => sum + seconds, 0) / rounds.length;
    return {
      ...{ "a job takes, s": ms / 1000, jobs, which, "polls in all": round(polls, 1), "polls a minute": round((polls / seconds) * 60, 1) },
      ...{ "late p50, s": at(0.5), "late p95, s": at(0.95), "late most, s": at(1), "allowed, s": Math.max(3, ms / 10_000) },
    };
  };
  return [
    row("the first", rounds.slice(0, 1), lateness.slice(0, jobs)),
    row("the fourth and fifth", rounds.slice(3), lateness.slice(3 * jobs)),
  ];
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
say("Virtual time over real HTTP: seconds are those of the jobs, CPU is real. Takes four minutes.");
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
const byLength = [];
for (const ms of LENGTHS) {
  for (const jobs of LENGTH_RUNS) byLength.push(...ofLength(ms, jobs, await measure("luma-edge", jobs, LENGTH_ROUNDS, ms)));
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
table("Jobs that all take the same time, of which luma-edge guesses 72 s before it has seen one end", byLength);
table("WebAssembly's memory, which never shrinks: what a later round adds has leaked", memory);

const hundred = rows.find(({ client, jobs }) => client === "luma-edge" && jobs === 100);
const grown = memory.filter(({ jobs, ...rounds }) => Math.max(...Object.values(rounds)) > Object.values(rounds)[1]);
end(
  [
    hundred["polls a minute"] > MOST_A_MINUTE && `100 jobs take ${hundred["polls a minute"]} requests a minute, ${MOST_A_MINUTE} at most`,
    hundred["late p95, s"] > LATEST && `100 jobs are noticed ${hundred["late p95, s"]} s late (p95), ${LATEST} at most`,
    ...byLength.map(
      (row) =>
        row["late most, s"] > row["allowed, s"] &&
        `${row.jobs} jobs of ${row["a job takes, s"]} s are noticed ${row["late most, s"]} s late, ${row["allowed, s"]} at most`,
    ),
    ...memory.map(
      ({ jobs, ...rounds }) => Math.max(...Object.values(rounds)) >= MOST_MEGABYTES && `${jobs} jobs take ${MOST_MEGABYTES} MB or more`,
    ),
    ...grown.map(({ jobs }) => `a later round of ${jobs} jobs took more memory than the second`),
  ].filter(Boolean),
);
