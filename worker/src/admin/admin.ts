// `GET /admin`: for whoever runs this server, as JSON, and as a page where a browser asks.

import { operated } from "../auth/operator.js";
import type { Env, Settings } from "../env.js";
import { accountOf, asked } from "../limits/account.js";
import { Refusal } from "../refusal.js";
import { overview } from "./overview.js";
import { page } from "./page.js";

/** Requests in any 60 s from one address, right or wrong: few enough to guess no token, enough to look on. */
const PER_MINUTE = 30;

/** @throws {Refusal} */
export async function admin(request: Request, env: Env, settings: Settings, asPage: boolean): Promise<Response> {
  const from = request.headers.get("cf-connecting-ip") ?? "?"; // Cloudflare's own word, whatever a caller sends
  const refusal = settings.adminSha256 && (await asked(accountOf(env).enter(`admin:${from}`, { caller: PER_MINUTE })));
  if (refusal) throw Refusal.of(refusal);
  await operated(request, settings);
  const shown = await overview(env, settings);
  return asPage ? page(shown) : Response.json(shown);
}
