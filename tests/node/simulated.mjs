// `luma-edge` as the samples in the documents import it: a client that is not told how to fetch talks to a simulator.

import { createClient as create } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

export * from "luma-edge";

export const simulator = createSimulator({ clock: "auto" });
const { fetch, clock } = simulator;

export const createClient = (options) => create({ fetch, clock, ...options });
