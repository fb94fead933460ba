// A simulator behind a port: what its fetch answers, sent by Node's HTTP server.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Simulator } from "luma-edge/simulator";

/** Each API and its path. */
const APIS = [
  ["dream-machine", "/dream-machine/v1"],
  ["agents", "/agents/v1"],
  ["useapi", "/useapi/v1/luma"],
  ["piapi", "/piapi"],
];

/** What can be read over HTTP. */
const READS = ["stats", "generations", "requests"] as const;

/**
 * Listens, says where, and closes on SIGINT or SIGTERM.
 * @param create makes the simulator, whose links to files point at `baseUrl`
 */
export async function serve(
  { host, port, speed }: { host: string; port: number; speed: number },
  create: (baseUrl: string) => Simulator,
): Promise<void> {
  let simulator: Simulator;
  const server = createServer((request, response) => {
    respond(simulator, request, response).catch((error) => {
      // The connection breaks as the simulator says, or because the caller closed it.
      response.destroy(error);
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const baseUrl = url(host, (server.address() as AddressInfo).port);
  simulator = create(baseUrl);
  const bases = APIS.map(([name, path]) => `${name} ${baseUrl}${path}`);
  const asFast = [
    `Jobs run ${speed} times as fast as real ones. A client is as fast with this option of createClient:`,
    `  clock: createSimulator({ clock: ${speed} }).clock // from "luma-edge/simulator"`,
  ];
  console.log([...bases, ...(speed === 1 ? [] : asFast)].join("\n"));
  const stop = () => {
    simulator.close();
    server.close();
    server.closeAllConnections();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

/** An address that listens everywhere is reached at this machine's own. */
function url(host: string, port: number): string {
  const own: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };
  return `http://${own[host] ?? (host.includes(":") ? `[${host}]` : host)}:${port}`;
}

async function respond(simulator: Simulator, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = incoming;
  const address = new URL(url, `http://${incoming.headers.host ?? "localhost"}`);
  if (address.pathname === "/" && method === "GET") return text(outgoing, 200, welcome());
  if (address.pathname.startsWith("/__simulator/")) return control(simulator, method, address, outgoing);

  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const bodiless = chunks.length === 0 || method === "GET" || method === "HEAD";
  const init = { method, headers, signal: gone.signal, ...(!bodiless && { body: Buffer.concat(chunks) }) };
  const response = await simulator.fetch(address.href, init);
  outgoing.writeHead(response.status, [...response.headers].flat());
  for await (const chunk of response.body ?? []) {
    // Sent before the next is asked for: should the body break off, this part is under way.
    await new Promise<void>((resolve, reject) => outgoing.write(chunk, (error) => (error ? reject(error) : resolve())));
  }
  outgoing.end();
}

/** Reads the simulator's state and moves its time, for tests over HTTP. */
async function control(simulator: Simulator, method: string, address: URL, outgoing: ServerResponse): Promise<void> {
  const what = address.pathname.slice("/__simulator/".length);
  const read = READS.find((name) => name === what);
  if (method === "GET" && read) {
    outgoing.setHeader("content-type", "application/json");
    return text(outgoing, 200, JSON.stringify(await simulator[read]()));
  }
  const ms = Number(address.searchParams.get("ms") ?? NaN);
  if (method === "POST" && what === "advance" && ms >= 0 && ms < Infinity) {
    await simulator.advance(ms);
    return text(outgoing, 200, `${simulator.now()}\n`);
  }
  text(outgoing, 404, controls());
}

function text(outgoing: ServerResponse, status: number, content: string) {
  if (!outgoing.hasHeader("content-type")) outgoing.setHeader("content-type", "text/plain; charset=utf-8");
  outgoing.writeHead(status).end(content);
}

function welcome(): string {
  const apis = APIS.map(([name, path]) => `  ${name}  ${path}`).join("\n");
  return `The luma-edge simulator: Luma's APIs from memory, for trying and testing. Nothing here costs anything.

${apis}

Unless --api-key was given, any key will do; at agents any that begins with luma-api-. ${controls()}`;
}

function controls(): string {
  return `To look inside:

  GET  /__simulator/stats         what happened so far
  GET  /__simulator/generations   every generation it holds
  GET  /__simulator/requests      every request that arrived
  POST /__simulator/advance?ms=60000   time skips ahead by so many ms
`;
}
