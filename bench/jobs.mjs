// Thousands of jobs at each of Luma's two APIs, through the Worker in workerd, with faults, killed twice: `npm run bench:jobs -- 2000`, or
// at one of them: `npm run bench:jobs -- 2000 agents`.

import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";
import { callers, startWorker } from "../scripts/worker.mjs";
import { end, round, say, table } from "./report.mjs";
import { simulate } from "./served.mjs";

const words = process.argv.slice(2);
const COUNT = Number(words.find((word) => word > 0) ?? 2000);
const SPEED = 30;
const AT_ONCE = 100;
/** Of Linux, as `getconf CLK_TCK` prints it. */
const MS_PER_TICK = 10;
const KEYS = { LUMA_API_KEY: "luma-bench", LUMA_AGENTS_API_KEY: "luma-api-bench" };
/** Of all calls one in twenty goes wrong: creations whose answers are lost or that are refused, reads that fail. */
const READS = ["get", "list", "agents-get"].map((route) => `${route}:500%5`).join();
const PROVIDERS = {
  "dream-machine": {
    path: "/dream-machine/v1",
    request: { model: "ray-2", resolution: "720p", duration: "5s" },
    faults: `create:cut-after%2,create:503%1,create:429=1%2,${READS}`,
  },
  agents: {
    path: "/agents/v1",
    request: { model: "ray-3.2", resolution: "540p", duration: "5s" },
    faults: `create:cut-after%1,create:429=1%4,${READS}`,
  },
};

const wrong = [];
const rows = [];
const chosen = Object.keys(PROVIDERS).filter((provider) => words.includes(provider));
say(`${COUNT} jobs at each API, ${AT_ONCE} at once, time sped up ${SPEED} times, 5 % faults, workerd killed twice.`);
for (const provider of chosen.length ? chosen : Object.keys(PROVIDERS)) rows.push(await run(provider));
table(`${COUNT} jobs`, rows);
end(wrong);

async function run(provider) {
  const { path, request, faults } = PROVIDERS[provider];
  const simulator = await simulate({ speed: SPEED, seed: 7, limits: "none", credits: 100_000_000, faults });
  const state = await mkdtemp(join(root, "target/bench-jobs-"));
  const tokens = [randomBytes(24).toString("base64url"), randomBytes(24).toString("base64url")];
  const env = {
    ...KEYS,
    CALLERS: callers(tokens),
    CALLER_LIMITS: {},
    LIMITS: { jobsAtOnce: AT_ONCE, usdPerMonth: COUNT },
    UPSTREAMS: { [provider]: simulator.root + path },
    DEFAULT_PROVIDER: provider,
  };
  const start = () => startWorker({ state, entry: join(root, "bench/jobs-worker.mjs"), env });
  let worker = await start();
  const call = async (path, token, body) => {
    const response = await fetch(worker.url + path, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  };

  const began = Date.now();
  for (const [index, token] of tokens.entries()) {
    const requests = Array.from({ length: COUNT / 2 }, (_, number) => ({ ...request, prompt: `Tiger ${index}-${number}` }));
    await call("/jobs", token, { requests });
  }
  const taken = Date.now() - began;
  let memory = 0;
  let cpu = { before: 0, now: 0 };
  let kills = 0;
  let reported = 0;
  let books;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    books = await call("/books", tokens[0]);
    const used = await usageOf(worker.pid);
    memory = Math.max(memory, used.memory);
    cpu.now = used.cpu;
    const ended = COUNT - countOf(books, "waiting", "queued", "dreaming");
    if (ended === COUNT) break;
    if (ended >= reported + COUNT / 10) {
      reported = ended;
      say(`${provider}: ${ended} have ended after ${round((Date.now() - began) / 1000)} s`);
    }
    if (kills < 2 && ended >= ((kills + 1) * COUNT) / 3) {
      kills++;
      await worker.kill();
      cpu = { before: cpu.before + cpu.now, now: 0 };
      worker = await start();
    }
  }
  const elapsed = (Date.now() - began) / 1000;
  const stats = await simulator.look("stats");
  await worker.stop();
  await simulator.close();
  const bytes = await sizeOf(state);
  await rm(state, { recursive: true, force: true });

  const [completed, failed, unknown] = ["completed", "failed", "unknown"].map((one) => countOf(books, one));
  const { video: made } = stats.created;
  const counted = books.micros / 1e6;
  const price = usdOf(books, "completed") / Math.max(1, completed);
  // The account counts what was made and not refunded, and what is unknown.
  const expected = price * (completed + unknown);
  const check = (isRight, sentence) => isRight || wrong.push(`${provider}: ${sentence}`);
  check(kills === 2, `workerd was killed ${kills} times`);
  check(completed + failed + unknown === COUNT, "not every job has ended as it should");
  check(made >= completed + failed && made <= COUNT, `${made} were made for ${COUNT} jobs`);
  check(provider === "agents" || (unknown === 0 && made === COUNT), `${unknown} are unknown, ${made} made`);
  check(stats.maxRunning.video <= AT_ONCE, `${stats.maxRunning.video} ran at once`);
  check(Math.abs(counted - expected) < 1e-6, `the account counts $${counted}, not $${expected}`);
  check(books.places === 0, `${books.places} places are still taken`);
  return {
    provider,
    delivered: completed,
    failed,
    unknown,
    "paid for": made,
    "most at once": stats.maxRunning.video,
    "counted, $": round(counted, 2),
    "expected, $": round(expected, 2),
    "taken, s": round(taken / 1000, 1),
    "all, s": round(elapsed),
    "jobs/s": round(COUNT / elapsed, 1),
    "requests a job": round(Object.values(stats.requests).reduce((sum, count) => sum + count, 0) / COUNT, 1),
    "workerd, ms of CPU a job": round((cpu.before + cpu.now) / COUNT, 1),
    "memory, MB": round(memory / 1e6),
    "storage, MB": round(bytes / 1e6, 1),
    "of the queue, kB a job": round(books.bytes / 1000 / COUNT, 1),
  };
}

function countOf({ states }, ...wanted) {
  return states.reduce((sum, { state, count }) => sum + (wanted.includes(state) ? count : 0), 0);
}

function usdOf({ states }, wanted) {
  return states.find(({ state }) => state === wanted)?.usd ?? 0;
}

/** Memory in bytes and CPU in ms of the children of a process: workerd is one. 0 where there is no /proc. */
async function usageOf(pid) {
  const sum = (numbers) => numbers.reduce((all, one) => all + Number(one ?? 0), 0);
  try {
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean);
    const read = (name) => Promise.all(children.map((child) => readFile(`/proc/${child}/${name}`, "utf8")));
    const [status, stat] = await Promise.all([read("status"), read("stat")]);
    // After the command, which stands in brackets: the 12th and 13th are the ticks of the process and of the kernel for it.
    const fields = stat.map((text) => text.slice(text.lastIndexOf(")") + 2).split(" "));
    const ticks = sum(fields.flatMap((field) => field.slice(11, 13)));
    return { memory: 1024 * sum(status.map((text) => /VmRSS:\s+(\d+)/.exec(text)?.[1])), cpu: ticks * MS_PER_TICK };
  } catch {
    return { memory: 0, cpu: 0 };
  }
}

async function sizeOf(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, path, name }) => (await stat(join(parentPath ?? path, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
