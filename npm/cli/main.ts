// luma-edge on the command line: the simulator behind a port.

import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { createSimulator, type SimulatorOptions } from "luma-edge/simulator";
import { serve } from "./serve.js";

const HELP = `Usage: luma-edge simulate [options]

Answers Luma's APIs on this machine, from memory: no key, no cost. Prints the base URL of each, and
what makes a client as fast as its jobs.

  --port <number>          where to listen; 0 takes a free port        (default 4010)
  --host <address>         on which address                            (default 127.0.0.1)
  --base-url <address>     where links to files point                  (default: where it listens)
  --speed <factor>         how much faster than real time jobs go      (default 20)
  --seed <number>          same seed, same calls: same ids and times   (default 1)
  --validation <which>     documented: the rules and messages of the guide
                           schema: only what the OpenAPI file says     (default documented)
  --faults <list>          which calls go wrong and how, such as
                           'create:cut-after@2,get:500%10,list:429=3/5'
  --limits <which>         build: those of Luma's Build tier; none     (default build)
  --api-key <key>          a valid key; may be given again
                           (default: any; at agents any that begins with luma-api-)
  --credits <cents>        the balance to begin with, in US cents      (default 100000)
  --help                   this page
  --version                the version of the package

A fault is call:kind[=value][when][xTimes].
  call   any, create, video, image, get, list, delete, asset, .. or 'POST */generations/*'
  kind   refused, cut, cut-after, late, silence, silence-after, slow, html, html-after, truncated,
         empty, concurrent, wrapped, wrapped-after, or a status from 400 to 599 (503, 503-after);
         -after: after the work was done
  value  of a status: retry-after in s; of slow: ms; of late: s; of html, wrapped: the status
         (slow and late are in simulated time: at a --speed of 20, slow=3000 takes 150 ms)
  when   @2 the second call; @2+5; /3 each third; %10 one in ten; nothing: each
A marker in a prompt decides how its job goes: [fail:moderation], [fail:job], [slow], [fast] and more,
which docs/simulator.md lists.
`;

const OPTIONS = {
  port: { type: "string", default: "4010" },
  host: { type: "string", default: "127.0.0.1" },
  "base-url": { type: "string" },
  speed: { type: "string", default: "20" },
  seed: { type: "string" },
  validation: { type: "string" },
  faults: { type: "string" },
  limits: { type: "string" },
  "api-key": { type: "string", multiple: true },
  credits: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** What the caller got wrong, as a sentence. */
class UsageError extends Error {}

/** Runs the command line; what a caller got wrong ends in a sentence and the exit code 2. */
export async function main(args: string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`luma-edge: ${error.message}\nTry luma-edge --help`);
    process.exitCode = 2;
  }
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) return console.log(HELP);
  if (values.version) return console.log(createRequire(import.meta.url)("luma-edge/package.json").version);
  if (positionals.length !== 1 || positionals[0] !== "simulate") {
    throw new UsageError(positionals.length ? `there is no command "${positionals.join(" ")}", only simulate` : "say what to do: simulate");
  }
  const { host } = values;
  // Words and lists are for the simulator to judge: see `check`.
  const options = {
    clock: number("speed", values.speed, { least: Number.MIN_VALUE }),
    seed: number("seed", values.seed, { whole: true }),
    credits: number("credits", values.credits),
    validation: values.validation,
    faults: values.faults,
    limits: values.limits,
    apiKeys: values["api-key"],
  } as SimulatorOptions;
  const address = values["base-url"];
  if (address !== undefined && !/^https?:\/\/[^/]/.test(address))
    throw new UsageError(`--base-url takes an http(s) address, not "${address}"`);
  await check(options);
  const port = number("port", values.port, { whole: true, most: 65535 });
  const speed = options.clock as number;
  await serve({ host, port, speed }, (listens) => createSimulator({ ...options, baseUrl: address ?? listens })).catch((error) => {
    if (!error.syscall) throw error;
    throw new UsageError(`cannot listen on ${host}:${port}: ${error.message}`);
  });
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

interface Range {
  least?: number;
  most?: number;
  whole?: boolean;
}

/** The number that was given for an option; undefined when it was left out. */
function number<T extends string | undefined>(
  name: string,
  text: T,
  { least = 0, most = Infinity, whole = false }: Range = {},
): number | Extract<T, undefined> {
  if (text === undefined) return undefined as Extract<T, undefined>;
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= least && value <= most && value < Infinity && (!whole || Number.isSafeInteger(value))) return value;
  throw new UsageError(`--${name} takes a number${most < Infinity ? ` up to ${most}` : ""}, not "${text}"`);
}

/** What the simulator would refuse is refused before anything listens. */
async function check(options: SimulatorOptions): Promise<void> {
  const trial = createSimulator(options);
  await trial.stats().catch((error) => {
    throw new UsageError(error.message.replace("simulator options: ", ""));
  });
  trial.close();
}
