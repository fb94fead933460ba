// What each runtime makes of a request that never went out, and of one that may have: with real sockets. Only what certainly failed before a
// byte was written counts as not sent; and no runtime sends a creation twice by itself. docs/errors.md has the same table.

import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { setup } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";
import { runCommand } from "./commands.mjs";
import { install } from "./installed.mjs";
import { runPage, serve } from "./pages.mjs";
import { startSockets } from "./sockets.mjs";
import { startWorker } from "./workers.mjs";

const AGAIN = (cause) => new RegExp(`^network, again, 2 sent: .*nothing was sent: ${cause}`);
const NEVER = (cause) => new RegExp(`^network, not again, 1 sent: .*nothing was sent: ${cause}`);
const IN_DOUBT = /^unknown_outcome, not again, 1 sent/;

const CERTIFICATE = NEVER("the certificate is not trusted");
const HANDSHAKE = AGAIN("the TLS handshake was cut off");

/** What Node, Deno and Bun tell of each case, where they do not differ. */
const TOLD = {
  "no such name": AGAIN("the host was not found"),
  "a port where nobody listens": AGAIN("no connection"),
  "a certificate that is not trusted": CERTIFICATE,
  "a certificate that has expired": CERTIFICATE,
  "TLS to a port without": IN_DOUBT,
  "a handshake that is cut off": IN_DOUBT,
  "a connection that ends": IN_DOUBT,
  "a connection that is reset": IN_DOUBT,
  "a used connection that ends": IN_DOUBT,
  "a server that dies": IN_DOUBT,
};
/** workerd and browsers tell a broken connection from no other failure. */
const UNTOLD = Object.fromEntries(Object.keys(TOLD).map((name) => [name, IN_DOUBT]));

const PROGRAM = `
  export async function unsent({ createClient }, urls) {
    const outcomes = {};
    for (const [name, baseUrl] of Object.entries(urls)) {
      let sent = 0;
      const onEvent = ({ type, method }) => type === "request" && method === "POST" && sent++;
      const client = createClient({ apiKey: "luma-unsent", baseUrl, provider: "dream-machine", maxRetries: 1, recovery: "report", onEvent });
      if (name.includes("used") || name.includes("dies")) await client.ping().catch(() => {});
      const outcome = await client.create({ model: "ray-2", prompt: "A tiger" }).catch((error) => error);
      outcomes[name] = outcome.code + ", " + (outcome.retryable ? "again" : "not again") + ", " + sent + " sent: " + outcome.message;
    }
    return outcomes;
  }`;

const IMPORT = 'import * as luma from "luma-edge"; import { unsent } from "./unsent.js";';

let installed, sockets;
before(async () => {
  process.env.PATH = (await setup({ test: true })).env.PATH;
  installed = await install();
});
after(() => installed?.remove());

function check(outcomes, expected, requests) {
  const wrong = Object.entries(expected).filter(([name, pattern]) => !pattern.test(outcomes[name]));
  assert.deepEqual(Object.fromEntries(wrong.map(([name, pattern]) => [`${name} ${pattern}`, outcomes[name]])), {});
  if (requests) assert.deepEqual(requests, { loses: 1, dies: 1 }, "each creation was received once");
}

async function within(run) {
  sockets = await startSockets();
  try {
    return { outcomes: await run(sockets.urls), requests: sockets.requests() };
  } finally {
    sockets.stop();
  }
}

/** How each runtime runs the program, what it tells, and whether its requests reach the sockets. */
const lines = {
  Node: [["node", "main.js"], { ...TOLD, "a handshake that is cut off": HANDSHAKE }],
  Deno: [
    ["deno", "run", "--allow-net", "--allow-env", "main.js"],
    { ...TOLD, "TLS to a port without": NEVER("no TLS on that port"), "a handshake that is cut off": HANDSHAKE },
  ],
  "Deno without the permission": [
    ["deno", "run", "--no-prompt", "--allow-env", "main.js"],
    Object.fromEntries(Object.keys(TOLD).map((name) => [name, NEVER("allow it")])),
    false,
  ],
  Bun: [["bun", "main.js"], TOLD],
};
for (const [name, [line, expected, connects = true]] of Object.entries(lines)) {
  test(`${name} tells what was not sent`, async () => {
    // Deno 2.9 does not end by itself after it has refused a request whose body is a stream.
    const end = connects ? "" : "process.exit();";
    const main = `${IMPORT} console.log(JSON.stringify(await unsent(luma, JSON.parse(process.env.URLS)))); ${end}`;
    const folder = await installed.program(`unsent ${name}`, { "main.js": main, "unsent.js": PROGRAM });
    const { outcomes, requests } = await within(async (urls) => {
      const { output } = await runCommand(folder, line, { URLS: JSON.stringify(urls) });
      return JSON.parse(output);
    });
    check(outcomes, expected, connects ? requests : undefined);
  });
}

test("workerd cannot tell, and nothing is sent twice", async () => {
  const source = `${IMPORT}
    export default {
      fetch: async ({ url }) => Response.json(await unsent(luma, JSON.parse(new URL(url).searchParams.get("urls")))),
    };`;
  const folder = await installed.program("unsent workerd", { "worker.js": source, "unsent.js": PROGRAM });
  const { get, stop } = await startWorker(join(folder, "worker.js"));
  try {
    const { outcomes, requests } = await within(async (urls) => (await get(`/?urls=${encodeURIComponent(JSON.stringify(urls))}`)).json());
    check(outcomes, UNTOLD, requests);
  } finally {
    await stop();
  }
});

test("a page cannot tell", async () => {
  const folder = await installed.program("unsent page", {
    "index.html": '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
    "main.js": `
      import * as luma from "/node_modules/luma-edge/dist/entries/index.js";
      import { unsent } from "./unsent.js";
      globalThis.outcome = unsent(luma, JSON.parse(new URLSearchParams(location.search).get("urls")));`,
    "unsent.js": PROGRAM,
  });
  const site = await serve(installed.folder);
  const browser = await launch();
  try {
    const page = `${site.origin}/${relative(installed.folder, folder)}/index.html`;
    const { outcomes } = await within(async (urls) => {
      const { outcome } = await runPage(browser, `${page}?urls=${encodeURIComponent(JSON.stringify(urls))}`);
      return outcome;
    });
    check(outcomes, UNTOLD);
  } finally {
    await browser.close();
    site.stop();
  }
});
