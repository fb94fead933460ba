// How jobs stand at their provider. Where it lists them, one list covers many.

import type { Generation, LumaError, ProviderId } from "luma-edge";
import type { Env } from "../env.js";
import { retryAfter } from "../retry-after.js";
import { readerOf } from "../upstream/client.js";
import { listing, sending } from "../upstream/exchange.js";
import { LONGEST_HOLD } from "./schedule.js";

/** What a poll came to. `after`: how long the provider asks to be left alone, in ms. */
export type Polled = { generation: Generation } | { error: LumaError; after: number };

const PAGE = 100;
/** Reads at once. */
const READS = 6;
/** How long one may take, in ms. */
const READ_TIMEOUT = 15_000;

/**
 * Reads jobs by their ids at the provider, and calls back with each as it is read.
 * @param running how many run, among which these are found in a list
 */
export async function poll(
  env: Env,
  provider: ProviderId,
  ids: readonly string[],
  running: number,
  onPolled: (id: string, polled: Polled) => void,
): Promise<void> {
  const left = new Set(ids);
  const pages = Math.ceil(running / PAGE) + 1; // other programs may have jobs as well
  const found = (generation: Generation) => {
    if (left.delete(generation.id)) onPolled(generation.id, { generation });
  };
  if (provider === "dream-machine" && left.size > pages) await readList(env, left, pages, found);
  const waiting = [...left];
  const read = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const polled = await readOne(env, provider, id);
      onPolled(id, polled);
      // The others are put off as well: connections that wait for one provider are missing for the others.
      if ("error" in polled && polled.error.code === "timeout") for (const other of waiting.splice(0)) onPolled(other, polled);
    }
  };
  await Promise.all(Array.from({ length: READS }, read));
}

/** Pages from the newest on, until all are found. A list that cannot be read proves nothing. */
async function readList(env: Env, left: ReadonlySet<string>, pages: number, found: (generation: Generation) => void): Promise<void> {
  const upstream = { env, provider: "dream-machine" } as const;
  const client = readerOf(upstream, listing(upstream), READ_TIMEOUT);
  for (let page = 0; left.size && page < pages; page++) {
    const list = await client.list({ limit: PAGE, offset: page * PAGE }).catch(() => undefined);
    list?.generations.forEach(found);
    if (!list?.has_more) return;
  }
}

async function readOne(env: Env, provider: ProviderId, id: string): Promise<Polled> {
  const here = sending({ env, provider });
  return readerOf({ env, provider }, here, READ_TIMEOUT)
    .get(id)
    .then(
      (generation) => ({ generation }),
      (error: LumaError) => ({ error, after: retryAfter(here.last?.headers["retry-after"], LONGEST_HOLD) ?? 0 }),
    );
}
