// Where the requests go: into the simulator inside this page, or to an endpoint. A connection never changes. A new one replaces it,
// and jobs keep the connection that they began with.

import { createClient } from "luma-edge";
import { indexedDBStore } from "luma-edge/stores";
import { APIS } from "./kinds.js";

/** @typedef {ReturnType<typeof simulated> | ReturnType<typeof remote>} Connection */

/** Keeps the tickets of unfinished jobs, so that a reload loses none. Each account sees its own. */
const store = indexedDBStore({ name: "luma-edge-demo" });

/** The same for the simulator, which lasts as long as its tab. */
const TAB = "luma-edge-demo:";
const tabStore = {
  getAll: async () =>
    Object.entries(sessionStorage)
      .filter(([name]) => name.startsWith(TAB))
      .map(([name, value]) => [name.slice(TAB.length), value]),
  put: async (key, value) => sessionStorage.setItem(TAB + key, value),
  delete: async (key) => sessionStorage.removeItem(TAB + key),
};

/** The form of a key at each API that knows one. */
const KEY_FORMS = { agents: "luma-api-" };

/** The simulator's client of each API, created once: its limits and jobs stay while the speed changes. */
const inside = {};

/** The simulator in this page, at its present speed. */
export function simulated(provider, world, onEvent) {
  const { fetch, clock, speed } = world;
  const key = (name) => (KEY_FORMS[provider] ?? "") + name;
  inside[provider] ??= createClient({ provider, fetch, clock, apiKey: key(world.account), store: tabStore, onEvent });
  return {
    name: `${APIS[provider].name} simulator, ${speed}×`,
    provider,
    speed,
    client: inside[provider],
    now: () => clock.now(),
    /** Whether finished jobs are kept until they are removed, so that a reload shows them again. */
    keep: true,
    /** Whether files are in this page, where no `src` can load them. */
    inside: true,
    code: [
      'import { createClient } from "luma-edge";',
      'import { createSimulator } from "luma-edge/simulator";',
      "",
      `const { fetch, clock } = createSimulator({ clock: ${speed} });`,
      "const { generate, download } = createClient({",
      `  provider: ${JSON.stringify(provider)},`,
      `  apiKey: ${JSON.stringify(key("any-key"))},`,
      "  fetch,",
      "  clock,",
      "});",
    ],
  };
}

/** An endpoint with one of Luma's APIs. The key stays in the client and is stored nowhere. */
export function remote(provider, { baseUrl, apiKey }, onEvent) {
  const given = { provider, ...(baseUrl && { baseUrl }) };
  const options = [...Object.entries(given).map(([name, value]) => `${name}: ${JSON.stringify(value)}`), apiKey && "apiKey: YOUR_KEY"];
  return {
    name: baseUrl ? baseUrl.replace(/^https?:\/\//, "") : `Luma's ${APIS[provider].name} API`,
    provider,
    client: createClient({ ...given, store, ...(apiKey && { apiKey }), onEvent }),
    now: () => Date.now(),
    keep: false,
    inside: false,
    code: [
      'import { createClient } from "luma-edge";',
      "",
      `const { generate } = createClient({ ${options.filter(Boolean).join(", ")} });`,
    ],
  };
}
