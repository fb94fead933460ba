// How the library reaches a provider: its requests go out as it made them, and the provider's last answer is kept as it came,
// so that a caller reads what the provider said. The key is added here: the library does not know it. So nothing else is reached from here.

import type { ProviderId } from "luma-edge";
import { type Env, upstreamOf } from "../env.js";
import { fromProvider, toProvider } from "./headers.js";
import { rowsOf } from "./rows.js";

/** The largest answer that is read, in characters: to a creation, and of a list, which holds a hundred of the largest requests. */
const LARGEST = 1_000_000;
const LARGEST_LIST = 10_000_000;

export interface Upstream {
  env: Env;
  provider: ProviderId;
}

/** A provider's answer, as a caller gets it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  upstreamRequestId?: string;
}

export interface Exchange {
  fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Whether a creation went out. */
  began: boolean;
  last?: Answer;
}

/** For a creation: it goes out. */
export function sending(upstream: Upstream): Exchange {
  const here: Exchange = { began: false, fetch: (url, init) => send(here, upstream, url, init) };
  return here;
}

/**
 * For one whose answer was lost: nothing is created, as if by a server that refuses it, and jobs that are known to be of other creations
 * fit none.
 */
export function searchOnly(upstream: Upstream, known: (ids: string[]) => Promise<string[]>): Exchange {
  const here: Exchange = {
    began: false,
    async fetch(url, init) {
      if (init?.method === "POST") return Response.json({ detail: "not sent again" }, { status: 409 });
      const response = await send(here, upstream, url, init);
      const page = response.ok ? rowsOf(upstream.provider, parsed(here.last?.body)) : undefined;
      if (!page?.ids.length) return response;
      const others = new Set(await known(page.ids));
      return new Response(JSON.stringify(page.without(others)), response);
    },
  };
  return here;
}

async function send(here: Exchange, { env, provider }: Upstream, url: string, init: RequestInit = {}): Promise<Response> {
  const { apiKey, baseUrl } = upstreamOf(env, provider);
  if (!new URL(url).href.startsWith(new URL(`${baseUrl}/`).href))
    throw new Error("this address is not the provider's: the key goes nowhere else");
  const sent = toProvider(provider, apiKey, init.body ? "application/json" : undefined);
  here.began ||= init.method === "POST";
  const response = await fetch(url, { ...init, headers: sent, redirect: "manual" });
  const { status, headers } = response;
  const body = await textOf(response, init.method === "POST" ? LARGEST : LARGEST_LIST);
  here.last = { status, headers: fromProvider(headers), body, ...requestIdOf(headers) };
  return new Response([101, 204, 205, 304].includes(status) ? null : body, { status, headers });
}

export function requestIdOf(headers: Headers): { upstreamRequestId?: string } {
  const id = headers.get("x-request-id");
  return id && /^[\w.:-]{1,100}$/.test(id) ? { upstreamRequestId: id } : {};
}

/** @throws {Error} for one that is too large */
export async function textOf(response: Response, largest = LARGEST): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > largest) throw new Error("the answer is too large");
  }
  return text + decoder.decode();
}

function parsed(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
