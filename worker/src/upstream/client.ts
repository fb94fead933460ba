// The library, for reads of a provider's jobs: the exchange adds the key and keeps what was answered.

import { type Client, createClient } from "luma-edge";
import { upstreamOf } from "../env.js";
import type { Exchange, Upstream } from "./exchange.js";

export function readerOf({ env, provider }: Upstream, { fetch }: Exchange): Client {
  return createClient({
    provider,
    apiKey: "of-the-exchange",
    baseUrl: upstreamOf(env, provider).baseUrl,
    fetch,
    limits: "none",
    maxRetries: 0,
  });
}
