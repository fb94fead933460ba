// Runs a program in a page of Chromium, served from a folder on this machine.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** How long a page may take, in ms. */
const PATIENCE = 45_000;

/** The address of a plain file server over a folder, and how to stop it. */
export async function serve(folder, headers = {}) {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers });
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/**
 * Opens a page whose script leaves a promise as `globalThis.outcome`.
 * @returns {Promise<{ outcome: unknown, errors: string[] }>} what the promise gave, and what went to the console as an error
 */
export async function runPage(browser, url) {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => {
    const { url } = message.location();
    // A client asks a server of another origin whether it knows idempotency keys; the simulator has no such path.
    if (message.type() === "error" && !url.endsWith("/creations/0")) errors.push(`${message.text()} ${url}`);
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction(() => globalThis.outcome !== undefined, undefined, { timeout: PATIENCE });
    const outcome = await page.evaluate(() => globalThis.outcome);
    return { outcome, errors };
  } catch (error) {
    return { outcome: undefined, errors: [...errors, String(error)] };
  } finally {
    await page.close();
  }
}
