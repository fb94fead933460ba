// The runtime's own fetch. A browser that finds a connection broken sends the request again by itself, a POST too, although the server
// may have received the first one: no error shows, and a job is bought twice. So does Deno. They cannot send again a body that can be
// read only once, so a POST has such a body where the connection takes one: in a browser HTTP/2 and 3 do, in Deno each.
// (Chromium 156, measured on 2026-11-26; the rule: net::HttpNetworkTransaction::ShouldResendRequest. Deno 2.9, measured on 2026-11-27.)

import { addressOf } from "../common/page-address.js";

const TAKES_STREAMS = /^h[23]/;

/** Deno sends again what it can; also a caller's own fetch is likely to end there. */
export const RESENDS = "Deno" in globalThis;

/** Looked up at each call and called without a receiver: a stored global fetch is an "Illegal invocation". */
export const ownFetch = (input: string, init?: RequestInit): Promise<Response> =>
  globalThis.fetch(
    input,
    init?.method === "POST" && typeof init.body === "string" && takesStreams(input) ? readOnce(init, init.body) : init,
  );

const readOnce = (init: RequestInit, body: string): RequestInit =>
  ({ ...init, body: new Blob([body]).stream(), duplex: "half" }) as RequestInit;

/** Whether this is Deno, or a browser that can send streams and had its last answer from that origin by a protocol that takes them. */
function takesStreams(url: string): boolean {
  if (RESENDS) return true;
  const origin = addressOf(url)?.origin;
  if (origin === undefined) return false;
  const seen = ["navigation", "resource"].flatMap(
    (type) => globalThis.performance?.getEntriesByType?.(type) ?? [],
  ) as PerformanceResourceTiming[];
  const last = seen.findLast(({ name, nextHopProtocol }) => nextHopProtocol && name.startsWith(`${origin}/`));
  return !!last && TAKES_STREAMS.test(last.nextHopProtocol) && sendsStreams();
}

/** A browser that does not know them reads no `duplex`, and takes the stream for a text. */
function sendsStreams(): boolean {
  let read = false;
  const init = {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      read = true;
      return "half";
    },
  };
  const request = new Request("https://localhost", init as RequestInit);
  return read && !request.headers.has("content-type");
}
