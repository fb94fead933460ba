// Runs the Worker on this machine, in workerd, which is what runs it at Cloudflare, in front of a simulator: `npm run worker`.

import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { main, root, SetupError } from "./setup.mjs";

const HELP = `Usage: npm run worker -- [options]

Starts the Worker of worker/ on this machine, in front of simulated providers: no account, no key, no cost.

  --port <number>          where it listens; 0 takes a free port       (default 8787)
  --token <token>          a caller's; again for more callers          (default: one is made)
  --budget <dollars>       what each caller may spend, a day and a month
  --origin <origin>        a site whose pages may call; may be given again
  --webhook-origin <origin>
                           where webhooks may go without https, or on this machine: http://127.0.0.1:9000; may be given again
  --public-url <origin>    where providers reach it, through a tunnel, for uploads, results and callbacks
  --state <folder>         keeps what the Worker stores there          (default: forgotten at the end)
  --upstream <name>=<url>  another server in the place of a simulated provider; may be given again. Its key is taken from
                           LUMA_API_KEY, LUMA_AGENTS_API_KEY, USEAPI_TOKEN or PIAPI_KEY
  --speed, --seed, --faults, --limits, --validation <value>
                           of the simulator: see npx luma-edge --help
  --no-build               starts what was built before
  --help                   this page
`;

const OPTIONS = {
  port: { type: "string", default: "8787" },
  token: { type: "string", multiple: true },
  budget: { type: "string" },
  origin: { type: "string", multiple: true },
  "webhook-origin": { type: "string", multiple: true },
  "public-url": { type: "string" },
  state: { type: "string" },
  upstream: { type: "string", multiple: true },
  speed: { type: "string" },
  seed: { type: "string" },
  faults: { type: "string" },
  limits: { type: "string" },
  validation: { type: "string" },
  "no-build": { type: "boolean" },
  help: { type: "boolean", short: "h" },
};

const SIMULATED = ["speed", "seed", "faults", "limits", "validation"];

/** Each provider and the secret with its key. */
const KEYS = { "dream-machine": "LUMA_API_KEY", agents: "LUMA_AGENTS_API_KEY", useapi: "USEAPI_TOKEN", piapi: "PIAPI_KEY" };

/** For the simulator, which takes any of their form. */
const SIMULATED_KEYS = {
  "dream-machine": "luma-simulated",
  agents: "luma-api-simulated",
  useapi: "user:0-simulated",
  piapi: "piapi-simulated",
};

/** The newest wrangler and its runtime want Node 22, which is taken from npm: luma-edge itself runs on older ones. */
const NODE = join(root, "node_modules/node/bin/node");

/** The program that holds workerd. */
const WORKERD = [NODE, join(root, "scripts/workerd.mjs")];

const newToken = () => randomBytes(24).toString("base64url");

const sha256 = (token) => createHash("sha256").update(token).digest("hex");

/**
 * Starts the Worker.
 * @param {object} options
 * @param {number} [options.port]
 * @param {string} [options.state] a folder for what it stores
 * @param {string} [options.entry] the module to run, by default that of wrangler.jsonc
 * @param {string[]} [options.command] another program than that which holds workerd
 * @param {Record<string, unknown>} options.env variables and secrets, beside or instead of those in wrangler.jsonc
 * @param {(line: string) => void} [options.onLine] told of each line of its log
 * @returns {Promise<{ url: string, pid: number, stop(): Promise<void>, kill(): Promise<void>, evict(object: string): Promise<void> }>}
 *   `pid` is the process that holds workerd
 */
export async function startWorker({ port = 0, state, entry, command = WORKERD, env, onLine = () => {} }) {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // it has ended, and says so itself
  child.stdin.write(`${JSON.stringify({ port, state, entry, env })}\n`); // stays open: its end stops the Worker
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  /** As a crash would: workerd first, which otherwise outlives the process that holds it. */
  const kill = async () => {
    const { stdout } = spawnSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" });
    for (const pid of stdout.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    child.kill("SIGKILL");
    await ended;
  };
  const lines = createInterface(child.stdout);
  /** Takes a Durable Object out of the memory, as happens to one that is idle: by its class and its name, such as `Queue queue`. */
  const evict = (object) =>
    new Promise((resolve) => {
      lines.on("line", function heard(line) {
        if (line !== `evicted ${object}`) return;
        lines.off("line", heard);
        resolve();
      });
      child.stdin.write(`${object}\n`);
    });
  const url = await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const ready = /^ready (http:\S+)$/.exec(line);
      if (ready) resolve(ready[1]);
      else onLine(line);
    });
    ended.then((code) => reject(new SetupError(`The Worker ended before it listened (${code}); what it said is above.`)));
  });
  return { url, pid: child.pid, stop, kill, evict };
}

/**
 * Starts the simulator, as `luma-edge simulate` does.
 * @returns {Promise<{ upstreams: Record<string, string>, stop(): Promise<void> }>} the base URL of each provider
 */
export async function startSimulator(options = {}) {
  const flags = Object.entries({ port: "0", ...options }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [join(root, "dist/entries/cli.js"), "simulate", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const upstreams = {};
  for await (const line of createInterface(child.stdout)) {
    const [, name, url] = /^(\S+) (http:\S+)$/.exec(line) ?? [];
    if (name) upstreams[name] = url;
    if (Object.keys(upstreams).length === Object.keys(KEYS).length) {
      const stop = async () => {
        child.kill();
        await ended;
      };
      return { upstreams, stop };
    }
  }
  throw new SetupError("The simulator did not start; what it said is above.");
}

/** The variables for callers with these tokens. */
export function callers(tokens, limits) {
  return tokens.map((token, index) => ({ name: `caller-${index + 1}`, sha256: sha256(token), ...(limits && { limits }) }));
}

async function run() {
  const values = valuesOf();
  if (values.help) return console.log(HELP);
  const tokens = values.token ?? [newToken()];
  const admin = newToken();
  const others = Object.fromEntries((values.upstream ?? []).map(upstreamOf));
  const env = {
    CALLERS: callers(tokens),
    ADMIN_SHA256: sha256(admin),
    ORIGINS: values.origin ?? [],
    UPSTREAMS: others,
    WEBHOOK_ORIGINS: values["webhook-origin"] ?? [],
    PUBLIC_URL: values["public-url"] ?? "",
    SIGNING_SECRET: await signingSecret(values.state),
  };
  for (const [provider, name] of Object.entries(KEYS)) env[name] = others[provider] ? keyOf(name, provider) : SIMULATED_KEYS[provider];
  if (values.budget !== undefined) {
    const usd = Number(values.budget);
    if (!(usd >= 0)) throw new SetupError(`--budget takes dollars, not "${values.budget}"`);
    env.BUDGET = usd;
  }

  if (!values["no-build"]) await build();
  const chosen = Object.fromEntries(SIMULATED.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
  const running = [];
  const stop = async () => {
    for (const part of running.reverse()) await part.stop();
    process.exit();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let worker;
  try {
    if (Object.keys(KEYS).some((provider) => !others[provider])) running.push(await startSimulator(chosen));
    env.UPSTREAMS = { ...running[0]?.upstreams, ...others };
    worker = await startWorker({ port: Number(values.port), state: values.state, env, onLine: (line) => console.log(line) });
    running.push(worker);
  } catch (error) {
    await running[0]?.stop();
    throw error;
  }
  console.log(`\nThe Worker is at ${worker.url}, the API for a client at ${worker.url}/luma`);
  for (const token of tokens) console.log(`  token ${token}`);
  console.log(`\nWhat goes on is at ${worker.url}/admin, for any user name with this password:\n  ${admin}`);
  const headers = `-H "authorization: Bearer ${tokens[0]}" -H "content-type: application/json"`;
  console.log(`\nHand it a job, and list the jobs:
  curl ${worker.url}/jobs ${headers} -d '{ "request": { "prompt": "A tiger walking in snow" } }'
  curl ${worker.url}/jobs -H "authorization: Bearer ${tokens[0]}"\n\nCtrl+C stops it.`);
}

/** Of SIGNING_SECRET, or a random one, which is kept beside what the Worker stores: what was signed stays good. */
async function signingSecret(state) {
  const secret = process.env.SIGNING_SECRET || randomBytes(32).toString("base64");
  if (state === undefined || process.env.SIGNING_SECRET) return secret;
  const file = join(state, "signing-secret");
  await mkdir(state, { recursive: true });
  await writeFile(file, secret, { flag: "wx", mode: 0o600 }).catch(() => {}); // there is one
  return readFile(file, "utf8");
}

function valuesOf() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new SetupError(`${error.message}\nTry npm run worker -- --help`);
  }
}

function upstreamOf(given) {
  const [, provider, url] = /^([^=]+)=(https?:\/\/.+?)\/?$/.exec(given) ?? [];
  if (!KEYS[provider]) throw new SetupError(`--upstream takes <name>=<url> with a name of ${Object.keys(KEYS).join(", ")}, not "${given}"`);
  return [provider, url];
}

function keyOf(name, provider) {
  const key = process.env[name];
  if (!key) throw new SetupError(`--upstream ${provider}=... needs the key in ${name}.`);
  return key;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(run);
