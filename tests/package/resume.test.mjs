// A Worker that answers at once and leaves its jobs to a Durable Object, in workerd: the process is killed in mid-way, and
// the next one, on the same disk, delivers what the first had in hand.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { serveSite } from "../browser/served.mjs";
import { install } from "./installed.mjs";
import { startWorker } from "./workers.mjs";

const SPEED = 20;

const WORKER = `
  import { DurableObject } from "cloudflare:workers";
  import { createClient } from "luma-edge";
  import { durableObjectStore } from "luma-edge/stores";

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  export class Jobs extends DurableObject {
    constructor(ctx, env) {
      super(ctx, env);
      const [real, virtual] = [Number(env.REAL), Number(env.VIRTUAL)];
      const clock = { now: () => virtual + (Date.now() - real) * ${SPEED}, sleep: (ms) => wait(ms / ${SPEED}) };
      this.store = durableObjectStore(ctx.storage);
      this.client = createClient({ apiKey: "luma-any-key-will-do", baseUrl: env.BASE_URL, store: this.store, clock });
    }

    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/start") {
        for (const prompt of searchParams.getAll("prompt")) this.client.generate({ model: "ray-flash-2", prompt }).catch(() => {});
        return Response.json("started");
      }
      if (pathname === "/resume") {
        const resumed = await this.client.resume();
        return Response.json(await Promise.all(resumed.map(({ done }) => done.then(({ request }) => request.prompt, ({ code, message }) => [code, message]))));
      }
      return Response.json([...(await this.store.getAll())].map(([key]) => key).filter((key) => key.startsWith("ticket:")));
    }
  }

  export default {
    fetch: (request, env) => env.JOBS.get(env.JOBS.idFromName("of an account")).fetch(request),
  };`;

const FOXES = ["A red fox", "A green fox", "A blue fox"];

let installed;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
});
after(() => installed?.remove());

for (const [when, hold, made] of [
  ["while the jobs run", undefined, 3],
  ["while the answer to a creation is under way", "after", 3],
  ["before a creation has arrived", "before", 2],
]) {
  test(`killed ${when}, a Worker delivers each job once, and buys none twice`, async () => {
    const provider = await serveSite({ speed: SPEED, durations: 30_000 });
    const folder = await installed.program(when, { "worker.js": WORKER });
    const bindings = { BASE_URL: `${provider.origin}/luma`, REAL: `${Date.now()}`, VIRTUAL: `${provider.simulator.now()}` };
    const start = () => startWorker(join(folder, "worker.js"), { bindings, objects: { JOBS: "Jobs" } });
    const ask = async (worker, path) => (await worker.get(path)).json();

    const first = await start();
    const held = hold && provider.hold(FOXES[1], hold);
    assert.equal(await ask(first, `/start?${FOXES.map((prompt) => `prompt=${encodeURIComponent(prompt)}`).join("&")}`), "started");
    await held;
    while ((await provider.simulator.generations()).length < made) await new Promise((resolve) => setTimeout(resolve, 10));
    await first.stop("SIGKILL");
    provider.letGo();

    const second = await start();
    assert.deepEqual((await ask(second, "/resume")).sort(), FOXES.toSorted());
    assert.deepEqual([await ask(second, "/resume"), await ask(second, "/tickets")], [[], []]);
    const jobs = await provider.simulator.generations();
    assert.deepEqual(jobs.map(({ request }) => request.prompt).sort(), FOXES.toSorted());
    assert.deepEqual([first.errors, second.errors], [[], []]);
    await second.stop();
    await provider.close();
  });
}
