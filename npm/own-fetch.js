// The runtime's own fetch. A browser that finds a connection broken sends the request again by itself, a POST too, although what it carried may
// have been received and done: nobody is told, and a job is bought twice. It cannot send again what it can read but once, so where the
// connection takes such a body, which those of HTTP/2 and 3 do, a POST has one.
// (Chromium 156, measured on 2026-11-26; the rule: net::HttpNetworkTransaction::ShouldResendRequest.)

const TAKES_STREAMS = /^h[23]/;

/** Looked up at each call and called as a function of nobody: a stored global fetch is an "Illegal invocation". */
export const ownFetch = (input, init) => globalThis.fetch(input, init?.method === "POST" && typeof init.body === "string" && takesStreams(input) ? readOnce(init) : init);

const readOnce = (init) => ({ ...init, body: new Blob([init.body]).stream(), duplex: "half" });

/** Whether this is a browser that can send streams, and the last that it had from that origin came by a protocol that takes them. */
function takesStreams(url) {
  const { origin } = new URL(url, globalThis.location);
  const seen = ["navigation", "resource"].flatMap((type) => globalThis.performance?.getEntriesByType?.(type) ?? []);
  const last = seen.findLast(({ name, nextHopProtocol }) => nextHopProtocol && name.startsWith(`${origin}/`));
  return !!last && TAKES_STREAMS.test(last.nextHopProtocol) && sendsStreams();
}

/** A browser that does not know them reads no `duplex`, and takes the stream for a text. */
function sendsStreams() {
  let read = false;
  const request = new Request("https://localhost", {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      read = true;
      return "half";
    },
  });
  return read && !request.headers.has("content-type");
}
