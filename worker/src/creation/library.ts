// The library, as a creation uses it: over the object's own storage. Objects may live in one isolate, where clients with one key share their
// tickets in memory. So each object's client has a different key, which is not secret: the exchange sends the real one.

import { type Client, createClient, type Generation, type LumaError, type ProviderId } from "luma-edge";
import { durableObjectStore } from "luma-edge/stores";
import type { Env } from "../env.js";
import { baseUrlOf, type Exchange } from "../upstream/exchange.js";
import type { CreationRequest } from "./messages.js";

export function clientOf(
  env: Env,
  { id, storage }: DurableObjectState,
  { provider, schema }: Omit<CreationRequest, "request">,
  here: Exchange,
  maxRetries: number,
): Client {
  return createClient({
    provider,
    apiKey: `creation-${id}`,
    baseUrl: baseUrlOf({ env, provider }),
    ...(schema && { schema }),
    fetch: here.fetch,
    store: durableObjectStore(storage),
    idempotencyKeys: false, // the provider knows none
    limits: "none", // the account keeps them, for all objects together
    recovery: "report",
    maxRetries,
  });
}

/** Sends a creation, once. */
export function created(client: Client, { request, parent }: CreationRequest): Promise<Generation> {
  const { generation_type: kind, ...fields } = request;
  if (parent === undefined) return client.create(request as never);
  return kind === "add_audio" ? client.addAudio(parent, fields as never) : client.upscale(parent, fields as never);
}

/** Whether a creation that ended so may have become a job. The library decides which answers are refusals, and calls all others unknown. */
export function mayBeMade({ code, status }: LumaError, { began }: Exchange): boolean {
  if (code === "unknown_outcome") return true;
  // `network` says here that no connection was made.
  return began && code !== "network" && status === undefined;
}

/** The outcome of a creation whose answer was lost: its job, no job, or unknown. */
export type Recovered = Generation | "never" | "unknown";

/**
 * Lets the library look for the job of the ticket in the storage. Nothing is sent again.
 * @param here the exchange through which the client searches
 */
export async function recover(client: Client, provider: ProviderId, storage: DurableObjectStorage, here: Exchange): Promise<Recovered> {
  const stop = new AbortController();
  try {
    const made = await delivered(storage);
    if (made) return await read(client, provider, made);
    let seen = (_: Generation) => {};
    const first = new Promise<Generation>((resolve) => {
      seen = resolve;
    });
    const [ticket] = await client.resume({ signal: stop.signal, onUpdate: (update) => "raw" in update && seen(update) });
    // A ticket is written before anything is sent. If it was deleted because the outcome stays unknown, it left a tombstone.
    if (!ticket) return (await tombstones(storage)).length ? "unknown" : "never";
    if (ticket.id) return await read(client, provider, ticket.id);
    return await Promise.race([first, ticket.done]);
  } catch (thrown) {
    const { code, status } = thrown as LumaError;
    // There is none: the library gave it up, or was about to send it again. Before that a 409 is an answer to the list, and proves nothing.
    return code === "aborted" || (here.began && status === 409) ? "never" : "unknown";
  } finally {
    stop.abort();
  }
}

/** A job whose id is known was made, whether it can be read now or not. */
function read(client: Client, provider: ProviderId, id: string): Promise<Generation> {
  return client.get(id).catch(() => ({ id, provider, state: "queued", assets: {}, raw: { id, state: "queued" } }));
}

/** The job that the library delivered, should nothing else have been written after that. */
async function delivered(storage: DurableObjectStorage): Promise<string | undefined> {
  for (const value of await tombstones(storage)) {
    const { job } = JSON.parse(value);
    if (typeof job === "string") return job;
  }
  return undefined;
}

async function tombstones(storage: DurableObjectStorage): Promise<string[]> {
  return [...(await storage.list<string>({ prefix: "luma-edge:tombstone:" })).values()];
}
