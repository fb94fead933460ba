// The library, for reads of a provider's jobs: the exchange adds the key and keeps what was answered.

import { type Client, createClient } from "luma-edge";
import { baseUrlOf, type Exchange, type Upstream } from "./exchange.js";

/** @param timeout how long it waits for an answer, in ms */
export function readerOf(upstream: Upstream, { fetch }: Exchange, timeout?: number): Client {
  return createClient({
    provider: upstream.provider,
    apiKey: "of-the-exchange",
    baseUrl: baseUrlOf(upstream),
    fetch,
    limits: "none",
    maxRetries: 0,
    timeout,
  });
}
