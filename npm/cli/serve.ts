// A simulator behind a port: what its fetch tells, as Node's HTTP server says it.

import { once } from "node:events";
import { createServer } from "node:http";

/** Each API and its path. */
const APIS = [
  ["dream-machine", "/dream-machine/v1"],
  ["agents", "/agents/v1"],
  ["useapi", "/useapi/v1/luma"],
  ["piapi", "/piapi"],
];

/**
 * Listens, says where, and closes on SIGINT or SIGTERM.
 * @param {{ host: string, port: number }} where
 * @param {(baseUrl: string) => object} create makes the simulator, whose links to files point at `baseUrl`
 */
export async function serve({ host, port }, create) {
  let simulator;
  const server = createServer((request, response) => {
    respond(simulator, request, response).catch((error) => {
      // The connection breaks as the simulator says, or because it is the caller's that is gone.
      response.destroy(error);
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const baseUrl = url(host, server.address().port);
  simulator = create(baseUrl);
  for (const [name, path] of APIS) console.log(`${name} ${baseUrl}${path}`);
  const stop = () => {
    simulator.close();
    server.close();
    server.closeAllConnections();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

/** An address that listens everywhere is reached at this machine's own. */
function url(host, port) {
  const name = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[host] ?? (host.includes(":") ? `[${host}]` : host);
  return `http://${name}:${port}`;
}

async function respond(simulator, incoming, outgoing) {
  const address = new URL(incoming.url, `http://${incoming.headers.host ?? "localhost"}`);
  if (address.pathname === "/" && incoming.method === "GET") return text(outgoing, 200, welcome());
  if (address.pathname.startsWith("/__simulator/")) return control(simulator, incoming, outgoing, address);

  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) => values.map((value) => [name, value]));
  const bodiless = chunks.length === 0 || incoming.method === "GET" || incoming.method === "HEAD";
  const init = { method: incoming.method, headers, signal: gone.signal, body: bodiless ? undefined : Buffer.concat(chunks) };
  const response = await simulator.fetch(address.href, init);
  outgoing.writeHead(response.status, [...response.headers].flat());
  for await (const chunk of response.body ?? []) {
    // Handed over before the next is asked for: should the body break off, this part is under way.
    await new Promise((resolve, reject) => outgoing.write(chunk, (error) => (error ? reject(error) : resolve())));
  }
  outgoing.end();
}

/** Looks inside, for tests over HTTP. */
async function control(simulator, incoming, outgoing, address) {
  const what = address.pathname.slice("/__simulator/".length);
  if (incoming.method === "GET" && ["stats", "generations", "requests"].includes(what)) {
    outgoing.setHeader("content-type", "application/json");
    return text(outgoing, 200, JSON.stringify(await simulator[what]()));
  }
  const ms = Number(address.searchParams.get("ms") ?? NaN);
  if (incoming.method === "POST" && what === "advance" && ms >= 0 && ms < Infinity) {
    await simulator.advance(ms);
    return text(outgoing, 200, `${simulator.now()}\n`);
  }
  text(outgoing, 404, controls());
}

function text(outgoing, status, content) {
  if (!outgoing.hasHeader("content-type")) outgoing.setHeader("content-type", "text/plain; charset=utf-8");
  outgoing.writeHead(status).end(content);
}

function welcome() {
  const apis = APIS.map(([name, path]) => `  ${name}  ${path}`).join("\n");
  return `The luma-edge simulator: Luma's APIs from memory, for trying and testing. Nothing here costs anything.

${apis}

Any key will do unless --api-key was given. ${controls()}`;
}

function controls() {
  return `To look inside:

  GET  /__simulator/stats         what happened so far
  GET  /__simulator/generations   every generation it holds
  GET  /__simulator/requests      every request that arrived
  POST /__simulator/advance?ms=60000   time skips ahead by so many ms
`;
}
