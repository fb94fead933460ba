// A site with a simulator behind it, outside of the browser: it goes on while a page reloads.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { extname, join } from "node:path";
import { createSimulator } from "luma-edge/simulator";
import { root } from "../../scripts/setup.mjs";

const TYPES = { ".js": "text/javascript", ".html": "text/html" };

/**
 * Serves the package under /dist/, an empty page at /, and a simulator under /luma, whose time passes `speed` times as fast.
 * `site.hold(prompt, moment)` keeps the answer to the creation with that prompt for ever: from `"before"` it arrives, or `"after"` its
 * job was made; it gives the promise that it is held. `site.cut(prompt)` cuts the connection of the next one after its job was made.
 * With `secure`, a key and its certificate, it is served by HTTP/2. `scripts` are JavaScript files of the site's own, by their paths.
 */
export async function serveSite({ speed, secure, scripts = {}, ...options }) {
  const simulator = createSimulator({ clock: speed, ...options });
  const held = new Map();
  const cut = new Set();

  async function luma(request, response) {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length ? Buffer.concat(chunks) : undefined;
    const prompt = body && JSON.parse(body).prompt;
    const hold = held.get(prompt);
    if (hold?.moment === "before") return hold.reached();
    const address = `http://simulator/dream-machine/v1${request.url.slice("/luma".length)}`;
    const answer = await simulator.fetch(address, {
      method: request.method,
      headers: { authorization: "Bearer any-key", "content-type": "application/json" },
      body,
    });
    const content = Buffer.from(await answer.arrayBuffer());
    if (hold) return hold.reached();
    if (cut.delete(prompt)) return (request.stream?.session ?? request.socket).destroy();
    if (!gone.signal.aborted) response.writeHead(answer.status, [...answer.headers].flat()).end(content);
  }

  async function file(path, response) {
    try {
      response.writeHead(200, { "content-type": TYPES[extname(path)] }).end(await readFile(join(root, path)));
    } catch {
      response.writeHead(404).end();
    }
  }

  const open = new Set();
  const server = (secure ? (handle) => createSecureServer(secure, handle) : createServer)((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname.startsWith("/luma/")) return luma(request, response);
    if (pathname === "/") return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
    if (scripts[pathname]) return response.writeHead(200, { "content-type": "text/javascript" }).end(scripts[pathname]);
    return file(pathname, response);
  });
  server.on("session", (session) => open.add(session.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http${secure ? "s" : ""}://127.0.0.1:${server.address().port}`,
    simulator,
    hold: (prompt, moment) => new Promise((reached) => held.set(prompt, { moment, reached })),
    letGo: () => held.clear(),
    cut: (prompt) => cut.add(prompt),
    async close() {
      simulator.close();
      server.closeAllConnections?.();
      for (const session of open) session.destroy();
      server.close();
    },
  };
}
