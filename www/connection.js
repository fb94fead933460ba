// Where the requests go: into the simulator inside this page, or to an endpoint. A connection is never changed, only
// replaced: the jobs of an earlier one go on with it.

import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

/** @typedef {ReturnType<typeof simulated> | ReturnType<typeof remote>} Connection */

/** The simulator, its time passing `speed` times as fast as ours. */
export function simulated(speed, onEvent) {
  const { fetch, clock } = createSimulator({ clock: speed });
  return {
    name: `Simulator, ${speed}×`,
    speed,
    client: createClient({ fetch, clock, apiKey: "any-key", onEvent }),
    now: () => clock.now(),
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
    client: createClient({ ...(baseUrl && { baseUrl }), ...(apiKey && { apiKey }), onEvent }),
    now: () => Date.now(),
    inside: false,
    code: ['import { createClient } from "luma-edge";', "", `const { generate } = createClient({ ${options.join(", ")} });`],
  };
}
