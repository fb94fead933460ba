// The proxy's routes, and what every answer has: a request id, a line in the log, headers that protect, and for a page's request CORS.

import { Hono } from "hono";
import type { Authorize } from "./auth/authorize.js";
import type { CallerRequest } from "./caller-request.js";
import { originOf, preflight, withCors } from "./cors.js";
import { type Env, secretsOf, settingsOf } from "./env.js";
import { health } from "./health.js";
import { report } from "./limits/report.js";
import { type LogLine, log, reason } from "./log.js";
import type { Options } from "./options.js";
import { protect } from "./protect.js";
import { noPath } from "./proxy/path.js";
import { proxy } from "./proxy/proxy.js";
import { Refusal } from "./refusal.js";

export type Bound = { Bindings: Env; Variables: { line: LogLine; origin?: string } };

export function createServer({ authorize }: Options = {}): Hono<Bound> {
  const app = new Hono<Bound>();

  app.use(async (context, next) => {
    const began = Date.now();
    const line: LogLine = { request_id: crypto.randomUUID(), method: context.req.method, route: "?", status: 0, ms: 0 };
    context.set("line", line);
    await next();
    const { headers } = context.res;
    protect(headers);
    headers.set("x-request-id", line.request_id);
    // Tells the library whether a creation may be sent again with its key, and whether a list shows all that was made.
    headers.set("luma-edge-idempotency", context.env.FORGETS ? "none" : "1");
    if (!headers.has("access-control-allow-origin")) withCors(headers, context.get("origin"));
    log({ ...line, status: context.res.status, ms: Date.now() - began }, secretsOf(context.env));
    if (line.caller !== undefined || context.res.status >= 500) context.executionCtx.waitUntil(tell(context.env, line, context.res.status));
  });

  app.get("/health", async (context) => {
    const line = context.get("line");
    line.route = "/health";
    const answer = await health(context.env);
    if (!answer.ok) line.code = "internal";
    return answer;
  });

  forCallers(app, ["/luma/*"], proxy, authorize);

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

/** Routes that pages may call, those of this server's own origin and of `ORIGINS`. */
export function forCallers(
  app: Hono<Bound>,
  paths: string[],
  answer: (incoming: CallerRequest) => Promise<Response>,
  authorize: Authorize | undefined,
): void {
  app.on("ALL", paths, async (context) => {
    const { env, req } = context;
    const settings = settingsOf(env);
    const origin = originOf(req.raw, settings.origins);
    if (origin !== undefined) context.set("origin", origin);
    if (req.method === "OPTIONS") return preflight();
    return answer({ request: req.raw, env, settings, line: context.get("line"), ...(authorize && { authorize }) });
  });
}

/** For the operator. Of callers alone: nobody else may fill the list. */
function tell(env: Env, { code, caller, provider, request_id }: LogLine, status: number): Promise<void> {
  const what = code ?? (status >= 500 ? "provider" : "");
  return report(env, { code: what, request_id, ...(caller && { caller }), ...(provider && { provider }) });
}
