// What one create-and-poll cycle costs in CPU, beside the official client, in the same process and on the same stubbed
// network: `npm run bench:cycle`. Both create a job and read it once, finished; the wait before that read takes no time.

import { createClient } from "luma-edge";
import LumaAI from "lumaai";
import { now } from "./fast-waits.mjs";

const CYCLES = 2000;
const ROUNDS = 7;
const request = { model: "ray-2", prompt: "A tiger walking in snow", aspect_ratio: "16:9", resolution: "720p", duration: "5s" };
const job = {
  id: "123e4567-e89b-12d3-a456-426614174000",
  generation_type: "video",
  state: "queued",
  failure_reason: null,
  assets: null,
  model: "ray-2",
  request,
};
const done = { ...job, state: "completed", assets: { video: "https://cdn.example/tiger.mp4", image: null, progress_video: null } };
const [created, completed] = [job, done].map((body) => JSON.stringify({ ...body, created_at: "NOW" }).split("NOW"));
/** Made now, as a server's answers are: what a client remembers of jobs, it forgets by their dates. */
const body = (answer) => answer.join(new Date(now()).toISOString());

const headers = { "content-type": "application/json" };
const fetch = async (_url, { method }) =>
  /post/i.test(method) ? new Response(body(created), { status: 201, headers }) : new Response(body(completed), { headers });
const official = new LumaAI({ authToken: "luma-bench", fetch });
const ours = createClient({ apiKey: "luma-bench", fetch, limits: "none" });

const contenders = {
  "luma-edge": async () => {
    const { id } = await ours.create(request);
    return ours.poll(id);
  },
  lumaai: async () => {
    const { id } = await official.generations.create(request);
    return official.generations.get(id);
  },
};

const spent = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, cycle] of Object.entries(contenders)) {
    const before = process.cpuUsage();
    for (let i = 0; i < CYCLES; i++) await cycle();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) spent[name].push((user + system) / CYCLES); // the first round warms up
  }
}
for (const [name, rounds] of Object.entries(spent)) {
  const [least, median, most] = [0, ROUNDS >> 1, ROUNDS - 1].map((i) =>
    rounds
      .sort((a, b) => a - b)
      [i].toFixed(0)
      .padStart(6),
  );
  console.log(`${name.padEnd(10)} µs of CPU a cycle: ${median} (${least} to ${most}, ${ROUNDS} rounds of ${CYCLES})`);
}
