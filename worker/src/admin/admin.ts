// `GET /admin`: for the operator of this server, as JSON, or as a page for a browser.

import { operated } from "../auth/operator.js";
import type { Env, Settings } from "../env.js";
import { accountOf } from "../limits/account.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { groupsOf } from "../requests/addresses.js";
import { overview } from "./overview.js";
import { page } from "./page.js";

/** Requests in any 60 s from one address, right or wrong: few enough to guess no token, enough to look on. */
const PER_MINUTE = 30;

/** Where a request comes from, as Cloudflare reports it. Someone with one IPv6 address has a network of them. */
function networkOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "";
  return address.includes(":") ? groupsOf(address).slice(0, 4).join(":") : address;
}

/** @throws {Refusal} */
export async function admin(request: Request, env: Env, settings: Settings, asPage: boolean): Promise<Response> {
  const refusal = settings.adminSha256 && (await orTryAgain(accountOf(env).enter(`admin:${networkOf(request)}`, { caller: PER_MINUTE })));
  if (refusal) throw Refusal.of(refusal);
  await operated(request, settings);
  const shown = await overview(env, settings);
  return asPage ? page(shown) : Response.json(shown);
}
