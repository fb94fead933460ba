// A server on this machine that webhooks are sent to.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @param {(received: { method: string, path: string, headers: object, body: string }, response: import("node:http").ServerResponse) => unknown} answer
 * @returns {Promise<{ target: string, stop(): void }>} its origin
 */
export async function startReceiver(answer) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url: path, headers } = request;
    await answer({ method, path, headers, body: Buffer.concat(chunks).toString() }, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { target: `http://127.0.0.1:${server.address().port}`, stop };
}
