// Serves a simulator whose time moves only as each request says: the other side of stepped-time.mjs.

import { createSimulator } from "luma-edge/simulator";
import { importSource } from "../tests/source.mjs";
import { START, TIME } from "./stepped-time.mjs";

const { serve } = await importSource("npm/cli/serve.ts");

const [seed, durations] = process.argv.slice(2).map(Number);

await serve({ host: "127.0.0.1", port: 0 }, (baseUrl) => {
  const simulator = createSimulator({
    ...{ clock: Number.MIN_VALUE, start: START, seed, limits: "none", credits: 1e12, latency: 0, baseUrl },
    ...(durations && { durations }),
  });
  const fetch = async (input, init) => {
    const [, at] = init.headers.find(([name]) => name === TIME);
    await simulator.advance(Math.max(0, at - simulator.now()));
    return simulator.fetch(input, init);
  };
  return { ...simulator, fetch };
});
