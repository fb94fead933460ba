// The Worker's routes: the proxy's, jobs, callbacks, files, and those for the operator.

import type { Hono } from "hono";
import { accepts } from "hono/accepts";
import { admin } from "./admin/admin.js";
import { FOLDERS } from "./bucket/names.js";
import { serve } from "./bucket/serve.js";
import { calledAbout } from "./callbacks/receive.js";
import { secretsOf, settingsOf } from "./env.js";
import { jobs } from "./jobs/routes.js";
import { queueOf } from "./jobs/stub.js";
import { log, reason } from "./log.js";
import type { Options } from "./options.js";
import { type Bound, createServer, forCallers } from "./server.js";
import { upload } from "./uploads/upload.js";
import { showSecret } from "./webhooks/secret.js";

export function createApp(options: Options = {}): Hono<Bound> {
  const app = createServer(options);
  const { authorize } = options;

  forCallers(app, ["/jobs", "/jobs/*"], jobs, authorize);
  forCallers(app, ["/webhook-secret"], showSecret, authorize);
  forCallers(app, ["/uploads"], upload, authorize);

  app.all("/callbacks/:provider", async (context) => {
    const { env, req, executionCtx } = context;
    const job = await calledAbout(req.raw, settingsOf(env), req.param("provider"), context.get("line"));
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

  app.get("/admin", (context) => {
    context.get("line").route = "/admin";
    const asPage =
      accepts(context, { header: "Accept", supports: ["application/json", "text/html"], default: "application/json" }) === "text/html";
    return admin(context.req.raw, context.env, settingsOf(context.env), asPage);
  });

  return app;
}
