// One measurement of `npm run bench:watch`, in a process of its own:
// `node --expose-gc watching.mjs <client> <jobs> <rounds> [<ms that each job takes>]`.
// Prints a line of JSON.

import { fileURLToPath } from "node:url";
import LumaAI from "lumaai";
import { guideLoop } from "./guide-loop.mjs";
import { serve } from "./served.mjs";
import { SteppedTime } from "./stepped-time.mjs";
import { trueDurations } from "./true-durations.mjs";

const SEED = 7;
/** Between rounds, in ms: for some seconds a client remembers what it delivered, so as not to mistake it for what it sends. */
const REST = 10_000;
const client = process.argv[2];
const [jobs, rounds, exactly] = process.argv.slice(3).map(Number);

// The module keeps its instance to itself; the first that is made after it was loaded is its own.
const { instantiate } = WebAssembly;
let memory;
WebAssembly.instantiate = async (...args) => {
  const instance = await instantiate(...args);
  // Node's own fetch has a wasm, too.
  if ("__wbindgen_start" in (instance.exports ?? {})) memory = instance.exports.memory;
  return instance;
};

const simulator = await serve([
  fileURLToPath(new URL("stepped-simulator.mjs", import.meta.url)),
  `${SEED}`,
  ...(exactly ? [`${exactly}`] : []),
]);
const time = new SteppedTime();
const restore = time.replaceTimers();
const { createClient } = await import("luma-edge"); // it reads the time as it is loaded

/** Each job of a round asks for something of its own, as they do. */
const request = (round, index) => ({ model: "ray-2", prompt: `A tiger walking in snow, number ${round}-${index}` });

const CLIENTS = {
  "luma-edge": () => {
    const { generate } = createClient({ apiKey: "luma-bench", baseUrl: simulator.baseUrl, limits: "none", fetch: time.fetch });
    return (request, made) => generate(request, { onUpdate: made, progressInterval: Infinity });
  },
  lumaai: () => {
    const client = new LumaAI({ authToken: "luma-bench", baseURL: simulator.baseUrl, fetch: time.fetch });
    return (request, made) =>
      guideLoop(client, async () => {
        const generation = await client.generations.create(request);
        made(generation);
        return generation;
      });
  },
};

const run = CLIENTS[client]();
const usage = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const heap = () => {
  gc();
  return process.memoryUsage().heapUsed;
};

const deliveries = new Map(); // when each job was delivered, by its id
const report = { jobs, rounds: [] };
const floor = heap();
for (let round = 0; round < rounds; round++) {
  let made = 0;
  let watching; // what was spent until all were made
  // The heap first: to collect the garbage for it costs CPU of its own.
  const snapshot = () => ({ heap: heap(), at: time.now(), sent: time.sent, cpu: usage() });
  const all = Array.from({ length: jobs }, async (_, index) => {
    let first = true;
    const { id } = await run(request(round, index), () => {
      if (first && ++made === jobs) watching = snapshot();
      first = false;
    });
    deliveries.set(id, time.now());
  });
  await time.pass(Promise.all(all));
  const finished = { at: time.now(), sent: time.sent, cpu: usage() };
  await time.pass(new Promise((resolve) => setTimeout(resolve, REST)));
  report.rounds.push({
    seconds: (finished.at - watching.at) / 1000,
    polls: finished.sent - watching.sent,
    cpu: finished.cpu - watching.cpu,
    heap: watching.heap - floor,
    wasm: memory?.buffer.byteLength,
  });
}
restore();
const generations = await simulator.look("generations");
await simulator.close();
const made = generations.map(({ request }) => ({ path: "generations/video", body: { model: request.model, prompt: request.prompt } }));
const durations = exactly ? undefined : await trueDurations(SEED, made);
report.lateness = generations.map(({ id, created_at }, index) => {
  return deliveries.get(id) - Date.parse(created_at) - (durations?.[index] ?? exactly);
});
process.stdout.write(`${JSON.stringify(report)}\n`);
