// Where the requests go: into the simulator inside this page, or to an endpoint. A connection never changes. A new one replaces it,
// and jobs keep the connection that they began with.

import { createClient } from "luma-edge";
import { indexedDBStore } from "luma-edge/stores";

/** @typedef {ReturnType<typeof simulated> | ReturnType<typeof remote>} Connection */

/** Keeps the tickets of unfinished jobs, so that a reload loses none. Each account sees its own. */
const store = indexedDBStore({ name: "luma-edge-demo" });

/** The simulator's client, created once: its limits and jobs stay while the speed changes. */
let inside;

/** The simulator in this page, at its present speed. */
export function simulated(world, onEvent) {
  const { fetch, clock, speed } = world;
  inside ??= createClient({ fetch, clock, apiKey: world.account, store, onEvent });
  return {
    name: `Simulator, ${speed}×`,
    speed,
    client: inside,
    now: () => clock.now(),
    finished: () => world.finished(),
    /** Whether files are in this page, where no `src` can load them. */
    inside: true,
    code: [
      'import { createClient } from "luma-edge";',
      'import { createSimulator } from "luma-edge/simulator";',
      "",
      `const { fetch, clock } = createSimulator({ clock: ${speed} });`,
      'const { generate, download } = createClient({ fetch, clock, apiKey: "any-key" });',
    ],
  };
}

/** An endpoint with the Dream Machine API. The key stays in the client and is stored nowhere. */
export function remote({ baseUrl, apiKey }, onEvent) {
  const options = [baseUrl && `baseUrl: ${JSON.stringify(baseUrl)}`, apiKey && "apiKey: YOUR_KEY"].filter(Boolean);
  return {
    name: baseUrl ? baseUrl.replace(/^https?:\/\//, "") : "Luma's API",
    client: createClient({ store, ...(baseUrl && { baseUrl }), ...(apiKey && { apiKey }), onEvent }),
    now: () => Date.now(),
    /** Finished jobs of this page. An account elsewhere also has jobs that were made elsewhere. */
    finished: async () => [],
    inside: false,
    code: ['import { createClient } from "luma-edge";', "", `const { generate } = createClient({ ${options.join(", ")} });`],
  };
}
