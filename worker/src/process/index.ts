// `luma-edge/proxy`: the proxy alone, in one process, wherever a Request becomes a Response. Its records are in memory, and end with the
// process: what the Worker keeps for good, this forgets.

import type { Authorized } from "../auth/authorized.js";
import { Creation } from "../creation/creation.js";
import type { Env } from "../env.js";
import { Account } from "../limits/account.js";
import { MemoryRows } from "../limits/memory-rows.js";
import { createServer } from "../server.js";
import { MemoryObjects } from "./objects.js";

export type { Authorized } from "../auth/authorized.js";
export { hashToken } from "../auth/token.js";
export type { Limits } from "../limits/limits.js";

/** What `createProxy` takes. */
export interface ProxyOptions {
  /** The Worker's variables and secrets, as values or as JSON; by default the environment of the process. */
  env?: Record<string, unknown>;
  /** Below which path it answers, by default `/luma`. */
  path?: string;
  /** Whose request it is, where `CALLERS` does not know its token: by a session of yours, say. */
  authorize?: (request: Request) => Authorized | undefined | Promise<Authorized | undefined>;
}

const OPTIONS = ["env", "path", "authorize"] as const satisfies readonly (keyof ProxyOptions)[];

/**
 * One proxy, with limits, budgets and records of its own: make one for a process, and keep it.
 * @throws {TypeError} for an option that it does not know, or that cannot be
 */
export function createProxy(options: ProxyOptions = {}): (request: Request) => Promise<Response> {
  check(options);
  const { env = environment(), path = "/luma", authorize } = options;
  const base = path.replace(/\/+$/, "");
  const rows = new MemoryRows();
  // The proxy has neither a queue nor a bucket, though the process may have variables of these names.
  const bound = { ...env, QUEUE: undefined, RESULTS: undefined } as unknown as Env;
  bound.ACCOUNT = new MemoryObjects((ctx) => new Account(ctx, bound, rows)).namespace;
  bound.FORGETS = true;
  bound.CREATION = new MemoryObjects((ctx) => new Creation(ctx, bound)).namespace;
  const server = createServer({ ...(authorize && { authorize: (request) => authorize(request) }) });
  return async (request) => server.fetch(inside(request, base), bound, UNBOUND);
}

/** An option that is ignored may be who is let in. */
function check(options: ProxyOptions): void {
  const refuse = (name: string, why: string) => {
    throw new TypeError(`createProxy: ${name}: ${why}`);
  };
  for (const name of Object.keys(options))
    if (!(OPTIONS as readonly string[]).includes(name)) refuse(name, `is not an option of createProxy: ${OPTIONS.join(", ")}`);
  const { env, path, authorize } = options;
  if (env !== undefined && (typeof env !== "object" || env === null)) refuse("env", "must be an object");
  if (path !== undefined && !/^(\/|$)/.test(path)) refuse("path", 'must begin with "/"');
  if (authorize !== undefined && typeof authorize !== "function") refuse("authorize", "must be a function");
}

/** Nothing ends a request here: what is left to do is done. */
const UNBOUND = { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;

/** The request as if the server were below `/luma`. */
function inside(request: Request, base: string): Request {
  const url = new URL(request.url);
  if (base === "/luma" || !`${url.pathname}/`.startsWith(`${base}/`)) return request;
  url.pathname = `/luma${url.pathname.slice(base.length)}`;
  return new Request(url, request);
}

const environment = (): Record<string, unknown> => (globalThis as { process?: { env: Record<string, unknown> } }).process?.env ?? {};
