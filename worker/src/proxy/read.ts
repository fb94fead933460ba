// Reads of the caller's own jobs. The library reads the answer as well, so that a job's place and money are free as soon as its end is seen.

import type { Generation, LumaError } from "luma-edge";
import { secretsOf } from "../env.js";
import { accountOf } from "../limits/account.js";
import { without } from "../log.js";
import { orTryAgain, Refusal } from "../refusal.js";
import { readerOf } from "../upstream/client.js";
import { hasEnded, isRefunded } from "../upstream/ended.js";
import { listing, sending } from "../upstream/exchange.js";
import { keyRefusal } from "../upstream/refused.js";
import { rowsOf } from "../upstream/rows.js";
import type { Call } from "./call.js";
import { ask, passed } from "./forward.js";

/** Where the account cannot be asked after that. */
const READ = "Nothing was changed: it can be read again.";

export async function read(call: Call): Promise<Response> {
  const here = sending(call);
  const job = await readerOf(call, here)
    .get(call.id as string)
    .catch((error: LumaError) => error);
  const { last } = here;
  if (!last) throw new Refusal(502, "try_again", "The provider could not be reached.", { cause: job });
  if (last.upstreamRequestId) call.line.upstream_request_id = last.upstreamRequestId;
  const refusal = keyRefusal(job);
  if (refusal) throw refusal;
  if (last.status >= 300 && last.status < 400)
    throw new Refusal(502, "try_again", "The provider answered with a redirect, which is not followed.");
  if (!(job instanceof Error)) await ended(call, [job]);
  return new Response(without(secretsOf(call.env), last.body), { status: last.status, headers: last.headers });
}

/** A page of the caller's own jobs. Dream Machine's is put together anew, since a caller counts its own alone. */
export async function list(call: Call): Promise<Response> {
  return call.provider === "dream-machine" ? listOwn(call) : listFiltered(call, "generation");
}

/** How deep into the list of all callers' jobs a caller's own are looked for. */
const PAGES = 10;
const PAGE = 100;

async function listOwn(call: Call): Promise<Response> {
  const query = new URLSearchParams(call.query);
  const limit = Math.min(PAGE, Number(query.get("limit") ?? 10));
  const offset = Number(query.get("offset") ?? 0);
  const client = readerOf(call, listing(call));
  const found: Generation[] = [];
  let more = true;
  for (let page = 0; more && page < PAGES && found.length <= offset + limit; page++) {
    const { generations, has_more } = await client.list({ limit: PAGE, offset: page * PAGE }).catch((cause: LumaError) => {
      throw keyRefusal(cause) ?? new Refusal(502, "try_again", "The provider did not give its list.", { cause });
    });
    const ids = generations.map(({ id }) => id);
    const own = new Set(await orTryAgain(accountOf(call.env).owned(call.provider, "generation", ids, call.caller.name), READ));
    found.push(...generations.filter(({ id }) => own.has(id)));
    more = has_more;
  }
  const shown = found.slice(offset, offset + limit);
  await ended(call, shown);
  const generations = shown.map(({ raw }) => raw);
  const answer = { generations, has_more: more || found.length > offset + limit, limit, offset, count: generations.length };
  return new Response(without(secretsOf(call.env), JSON.stringify(answer)), { headers: { "content-type": "application/json" } });
}

/** A page as the provider has it, with the caller's own rows alone. */
export async function listFiltered(call: Call, kind: "generation" | "file"): Promise<Response> {
  const response = await ask(call);
  if (!response.ok) return passed(call, response);
  const page = rowsOf(call.provider, await response.json().catch(() => undefined));
  if (!page) throw new Refusal(502, "try_again", "The provider's list cannot be read.");
  const own = new Set(await orTryAgain(accountOf(call.env).owned(call.provider, kind, page.ids, call.caller.name), READ));
  return passed(call, Response.json(page.of(own)));
}

async function ended({ env, provider }: Call, jobs: readonly Generation[]): Promise<void> {
  const over = jobs.filter(hasEnded);
  if (!over.length) return;
  await orTryAgain(
    accountOf(env).ended(
      provider,
      over.map((job) => ({ id: job.id, refunded: isRefunded(job) })),
    ),
    READ,
  );
}
