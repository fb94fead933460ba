// Servers on this machine to which a request cannot get, or gets only just: for what each runtime makes of them.

import { once } from "node:events";
import { createServer as http } from "node:http";
import { createServer as https } from "node:https";
import { createServer as tcp } from "node:net";
import { generate as certificate } from "selfsigned";

const HOST = "127.0.0.1";

async function port(server) {
  server.listen(0, HOST);
  await once(server, "listening");
  return server.address().port;
}

/** Ends a connection once something of a request, or of a handshake, has come. */
const cut = (how) => (socket) => socket.on("error", () => {}).once("data", () => socket[how]());

/**
 * Starts them.
 * @returns {Promise<{ urls: Record<string, string>, requests: () => Record<string, number>, stop(): void }>} the address of each
 *   case, and how many requests each server has seen whole
 */
export async function startSockets() {
  const names = [{ name: "subjectAltName", altNames: [{ type: 7, ip: HOST }] }];
  const signed = async (more) => {
    const { private: key, cert } = await certificate([{ name: "commonName", value: HOST }], {
      keySize: 2048,
      algorithm: "sha256",
      extensions: names,
      ...more,
    });
    return { key, cert };
  };
  const seen = {};
  const answering = (name) => (request, response) => {
    seen[name] = (seen[name] ?? 0) + 1;
    request.resume().on("end", () => response.end("{}"));
  };
  /** Takes a creation on a connection that was used before, and is gone: the connection alone, or the server with its port. */
  const losing = (name, dies) => {
    const sockets = new Set();
    const server = http((request, response) => {
      if (request.method === "GET") return response.end("{}");
      seen[name] = (seen[name] ?? 0) + 1;
      request.resume().on("end", () => {
        if (!dies) return request.socket.destroy();
        server.close();
        for (const socket of sockets) socket.destroy();
      });
    });
    return server.on("connection", (socket) => sockets.add(socket));
  };
  const servers = {
    untrusted: https(await signed(), answering("untrusted")),
    expired: https(await signed({ notBeforeDate: new Date("2020-01-01"), notAfterDate: new Date("2020-02-01") }), answering("expired")),
    plain: http(answering("plain")),
    ends: tcp(cut("destroy")),
    resets: tcp(cut("resetAndDestroy")),
    loses: losing("loses", false),
    dies: losing("dies", true),
  };
  const ports = {};
  for (const [name, server] of Object.entries(servers)) ports[name] = await port(server);
  const closed = tcp();
  const nobody = await port(closed);
  closed.close();
  return {
    urls: {
      "no such name": "http://no-such-host.invalid",
      "a port where nobody listens": `http://${HOST}:${nobody}`,
      "a certificate that is not trusted": `https://${HOST}:${ports.untrusted}`,
      "a certificate that has expired": `https://${HOST}:${ports.expired}`,
      "TLS to a port without": `https://${HOST}:${ports.plain}`,
      "a handshake that is cut off": `https://${HOST}:${ports.ends}`,
      "a connection that ends": `http://${HOST}:${ports.ends}`,
      "a connection that is reset": `http://${HOST}:${ports.resets}`,
      "a used connection that ends": `http://${HOST}:${ports.loses}`,
      "a server that dies": `http://${HOST}:${ports.dies}`,
    },
    requests: () => ({ ...seen }),
    stop() {
      for (const server of Object.values(servers)) {
        server.closeAllConnections?.();
        server.close();
      }
    },
  };
}
