// The Worker's routes, and what every answer has: a request id, a line in the log, headers that protect, and for a page's request CORS.

import { Hono, type MiddlewareHandler } from "hono";
import { authorized } from "./auth/authorize.js";
import { originOf, preflight, withCors } from "./cors.js";
import { type Env, secretsOf, settingsOf } from "./env.js";
import { accountOf } from "./limits/account.js";
import { type LogLine, log, reason } from "./log.js";
import type { Options } from "./options.js";
import { protect } from "./protect.js";
import { noPath } from "./proxy/path.js";
import { proxy } from "./proxy/proxy.js";
import { Refusal } from "./refusal.js";
import { secretOf } from "./webhooks/sign.js";

type Context = { Bindings: Env; Variables: { line: LogLine; origin?: string } };

/** Lets pages of the listed origins call; a preflight is answered here. */
const forPages: MiddlewareHandler<Context> = async (context, next) => {
  const { env, req } = context;
  const origin = originOf(req.raw, settingsOf(env).origins);
  if (origin !== undefined) context.set("origin", origin);
  if (req.method === "OPTIONS") return preflight();
  return next();
};

export function createApp({ authorize }: Options = {}): Hono<Context> {
  const app = new Hono<Context>();

  app.use(async (context, next) => {
    const began = Date.now();
    const line: LogLine = { request_id: crypto.randomUUID(), method: context.req.method, route: "?", status: 0, ms: 0 };
    context.set("line", line);
    await next();
    const { headers } = context.res;
    protect(headers);
    headers.set("x-request-id", line.request_id);
    withCors(headers, context.get("origin"));
    log({ ...line, status: context.res.status, ms: Date.now() - began }, secretsOf(context.env));
  });

  app.get("/health", async (context) => {
    context.get("line").route = "/health";
    settingsOf(context.env);
    await accountOf(context.env).ping();
    return context.json({ status: "ok" });
  });

  app.all("/luma/*", forPages, ({ req, env, get }) => proxy(req.raw, env, settingsOf(env), get("line"), authorize));

  app.all("/webhook-secret", forPages, async (context) => {
    const { env, req } = context;
    const line = context.get("line");
    line.route = "/webhook-secret";
    const settings = settingsOf(env);
    const caller = await authorized(req.raw, env, settings, authorize);
    line.caller = caller.name;
    if (req.method !== "GET") throw new Refusal(405, "method", "GET can be done here, and nothing else.");
    return context.json({ secret: await secretOf(settings, caller.name) });
  });

  app.notFound(() => noPath().response());

  app.onError((error, context) => {
    const line = context.get("line");
    const refusal = error instanceof Refusal ? error : new Refusal(500, "internal", "This server failed.", { cause: error });
    line.code = refusal.code;
    if (refusal.more.cause !== undefined) line.error = reason(refusal.more.cause);
    return refusal.response();
  });

  return app;
}
