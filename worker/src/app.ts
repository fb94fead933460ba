// The Worker's routes: the proxy's, and those that are for whoever runs it.

import type { Hono } from "hono";
import { accepts } from "hono/accepts";
import { admin } from "./admin/admin.js";
import { settingsOf } from "./env.js";
import type { Options } from "./options.js";
import { type Context, createServer } from "./server.js";

export function createApp(options?: Options): Hono<Context> {
  const app = createServer(options);

  app.get("/admin", (context) => {
    context.get("line").route = "/admin";
    const asPage =
      accepts(context, { header: "Accept", supports: ["application/json", "text/html"], default: "application/json" }) === "text/html";
    return admin(context.req.raw, context.env, settingsOf(context.env), asPage);
  });

  return app;
}
