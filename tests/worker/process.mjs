// A process with the proxy alone, which is told and tells what scripts/workerd.mjs is.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import { createProxy } from "luma-edge/proxy";

const input = createInterface(process.stdin);
const [line] = await once(input, "line");
const { env } = JSON.parse(line);
const server = serve({ fetch: createProxy({ env }), hostname: "127.0.0.1", port: 0 }, ({ port }) =>
  console.log(`ready http://127.0.0.1:${port}`),
);
input.once("close", () => {
  server.close();
  server.closeAllConnections();
});
