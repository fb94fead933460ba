// How long each job of a seed takes. The simulator throws its dice once for each job, in the order in which they are made:
// the same bodies in the same order take as long in another simulator with that seed, which reports each end by a callback.

import { createSimulator } from "luma-edge/simulator";

/**
 * @param {number} seed
 * @param {{ path: string, body: object }[]} jobs in the order in which they were made
 * @returns {Promise<number[]>} the ms from each job's making to its end
 */
export async function trueDurations(seed, jobs) {
  const made = new Map(); // when each was made, by its id
  const ends = new Map();
  const deliver = async (_url, { body }) => {
    const { id, state } = JSON.parse(body);
    if (state === "completed" || state === "failed") ends.set(id, simulator.now());
    return new Response();
  };
  const simulator = createSimulator({ clock: "auto", seed, limits: "none", credits: 1e12, latency: 0, deliver });
  const headers = { authorization: "Bearer luma-bench", "content-type": "application/json" };
  // Everything is made before time moves on.
  const answers = jobs.map(async ({ path, body }) => {
    const init = { method: "POST", headers, body: JSON.stringify({ ...body, callback_url: "http://callback.example" }) };
    const at = simulator.now();
    const { id } = await (await simulator.fetch(`http://simulator/dream-machine/v1/${path}`, init)).json();
    made.set(id, at);
    return id;
  });
  const ids = await Promise.all(answers);
  await simulator.advance(24 * 3600 * 1000);
  simulator.close();
  return ids.map((id) => ends.get(id) - made.get(id));
}
