// Where the requests go: into the simulator inside this page, or to an endpoint. A connection is never changed, only
// replaced: the jobs of an earlier one go on with it.

import { createClient } from "luma-edge";
import { indexedDBStore } from "luma-edge/stores";

/** @typedef {ReturnType<typeof simulated> | ReturnType<typeof remote>} Connection */

/** Jobs in hand are written down here, so that a reload loses none. Each account sees its own. */
const store = indexedDBStore({ name: "luma-edge-demo" });

/** The client of the simulator, made once: its limits and jobs stay while its speed changes. */
let inside;

/** The simulator in this page, as fast as it is now. */
export function simulated(world, onEvent) {
  const { fetch, clock, speed } = world;
  inside ??= createClient({ fetch, clock, apiKey: world.account, store, onEvent });
  return {
    name: `Simulator, ${speed}×`,
    speed,
    client: inside,
    now: () => clock.now(),
    finished: () => world.finished(),
    /** Whether files lie in this page, where no `src` can reach them. */
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

/** An endpoint that speaks the Dream Machine API. The key stays in the client; nothing here keeps it. */
export function remote({ baseUrl, apiKey }, onEvent) {
  const options = [baseUrl && `baseUrl: ${JSON.stringify(baseUrl)}`, apiKey && "apiKey: YOUR_KEY"].filter(Boolean);
  return {
    name: baseUrl ? baseUrl.replace(/^https?:\/\//, "") : "Luma's API",
    client: createClient({ store, ...(baseUrl && { baseUrl }), ...(apiKey && { apiKey }), onEvent }),
    now: () => Date.now(),
    /** What was made before and is kept in this page: an account elsewhere has more than was made here. */
    finished: async () => [],
    inside: false,
    code: ['import { createClient } from "luma-edge";', "", `const { generate } = createClient({ ${options.join(", ")} });`],
  };
}
