// How the library reaches a provider: its requests go out as it made them, and the provider's last answer is kept as it came,
// so that a caller reads what the provider said. The key and the provider's origin are added here: the library knows neither, so no message of
// its can tell them, and nothing else is reached from here.

import type { ProviderId } from "luma-edge";
import { type Env, upstreamOf } from "../env.js";
import { fromProvider, toProvider } from "./headers.js";
import { rowsOf } from "./rows.js";

/** The largest answer that is read, in characters: about one job, and a list, which holds a hundred of the largest requests. */
const LARGEST = 1_000_000;
const LARGEST_LIST = 10_000_000;

/** Where the library believes each provider to be. */
const STAND_IN = "https://provider.invalid";

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
  /** Whether a creation went out, or in a search was about to. */
  began: boolean;
  last?: Answer;
}

/** The base URL for the library. */
export const baseUrlOf = ({ env, provider }: Upstream): string =>
  STAND_IN + new URL(upstreamOf(env, provider).baseUrl).pathname.replace(/\/$/, "");

/** For one job: a creation goes out. */
export const sending = (upstream: Upstream): Exchange => exchange(upstream, LARGEST);

/** For a list of jobs. */
export const listing = (upstream: Upstream): Exchange => exchange(upstream, LARGEST_LIST);

function exchange(upstream: Upstream, largest: number): Exchange {
  const here: Exchange = { began: false, fetch: (url, init) => send(here, upstream, largest, url, init) };
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
      if (init?.method === "POST") {
        here.began = true;
        return Response.json({ detail: "not sent again" }, { status: 409 });
      }
      const response = await send(here, upstream, LARGEST_LIST, url, init);
      const page = response.ok ? rowsOf(upstream.provider, parsed(here.last?.body)) : undefined;
      if (!page?.ids.length) return response;
      const others = new Set(await known(page.ids));
      return new Response(JSON.stringify(page.without(others)), response);
    },
  };
  return here;
}

async function send(here: Exchange, upstream: Upstream, largest: number, url: string, init: RequestInit = {}): Promise<Response> {
  const { env, provider } = upstream;
  const { apiKey, baseUrl } = upstreamOf(env, provider);
  const { href } = new URL(url);
  if (!href.startsWith(`${baseUrlOf(upstream)}/`)) throw new Error("this address is not the provider's: the key goes nowhere else");
  const sent = toProvider(provider, apiKey, init.body ? "application/json" : undefined);
  here.began ||= init.method === "POST";
  const response = await fetch(new URL(baseUrl).origin + href.slice(STAND_IN.length), { ...init, headers: sent, redirect: "manual" });
  const { status, headers } = response;
  const body = await textOf(response, largest);
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
