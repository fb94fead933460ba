// The Worker's routes, and what every answer has: a request id, a line in the log, headers that protect, and for a page's request CORS.

import { Hono } from "hono";
import { FOLDERS } from "./bucket/names.js";
import { serve } from "./bucket/serve.js";
import { calledAbout } from "./callbacks/receive.js";
import { originOf, preflight, withCors } from "./cors.js";
import { type Env, secretsOf, settingsOf } from "./env.js";
import { jobs } from "./jobs/routes.js";
import { queueOf } from "./jobs/stub.js";
import { accountOf } from "./limits/account.js";
import { type LogLine, log, reason } from "./log.js";
import type { Options } from "./options.js";
import { protect } from "./protect.js";
import { noPath } from "./proxy/path.js";
import { proxy } from "./proxy/proxy.js";
import { Refusal } from "./refusal.js";
import { upload } from "./uploads/upload.js";
import { showSecret } from "./webhooks/secret.js";

type Context = { Bindings: Env; Variables: { line: LogLine; origin?: string } };

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
    if (!headers.has("access-control-allow-origin")) withCors(headers, context.get("origin"));
    log({ ...line, status: context.res.status, ms: Date.now() - began }, secretsOf(context.env));
  });

  app.get("/health", async (context) => {
    context.get("line").route = "/health";
    settingsOf(context.env);
    await accountOf(context.env).ping();
    return context.json({ status: "ok" });
  });

  for (const [paths, answer] of [
    [["/luma/*"], proxy],
    [["/jobs", "/jobs/*"], jobs],
    [["/webhook-secret"], showSecret],
    [["/uploads"], upload],
  ] as const) {
    app.on("ALL", [...paths], async (context) => {
      const { env, req } = context;
      const settings = settingsOf(env);
      const origin = originOf(req.raw, settings.origins);
      if (origin !== undefined) context.set("origin", origin);
      if (req.method === "OPTIONS") return preflight();
      return answer(req.raw, env, settings, context.get("line"), authorize);
    });
  }

  app.all("/callbacks/:provider", async (context) => {
    const { env, req, executionCtx } = context;
    const line = context.get("line");
    const job = await calledAbout(req.raw, settingsOf(env), req.param("provider"), line);
    const failed = (error: unknown) => log({ event: "wake_failed", error: reason(error) }, secretsOf(env));
    executionCtx.waitUntil(queueOf(env).wake(job).catch(failed)); // a provider waits for nothing; a lost call is made good by the next poll
    return context.body(null, 200);
  });

  for (const folder of FOLDERS) {
    app.all(`/${folder}/*`, async (context) => {
      context.get("line").route = `/${folder}/:name`; // the name is a secret
      return serve(context.req.raw, context.env.RESULTS, folder);
    });
  }

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
