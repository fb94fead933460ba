// Why a request has no answer, classified by whether a byte of it was written. Each runtime says so in its own words; each row was
// seen with real sockets (Node 20 and 22, Deno 2.9, Bun 1.4; 2026-11-27). workerd and browsers say too little: no row is theirs, and
// their requests count as sent. So does any other doubtful case, such as Bun's "TLS handshake failed", which may follow the request.

import { failedRequest, messageOf, reasonOf } from "../common/error.js";
import { isPromise } from "../common/is-promise.js";
import type { Fetch } from "./fetch.js";

interface Row {
  /** Of `code|syscall|message` of what was thrown, or of its cause. */
  pattern: RegExp;
  /** It comes before a byte is written. */
  certain: boolean;
  /** Another try may succeed. */
  mayPass: boolean;
  advice: string;
}

const NAME = "the host was not found: check baseUrl and the network";
const CONNECTION = "no connection: check baseUrl, the network and the server";
const CERTIFICATE =
  "the certificate is not trusted: check baseUrl and the clock, or trust it (Node, Bun: NODE_EXTRA_CA_CERTS; Deno: --cert)";
const HANDSHAKE = "the TLS handshake was cut off: check the network";
const NO_TLS = "no TLS on that port: check baseUrl";

/** The first that fits counts. */
const ROWS: readonly Row[] = [
  row(/^(ENOTFOUND|EAI_\w+)\||\(Connect\): dns error/, true, true, NAME),
  row(
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|(CERT|UNABLE_TO)_\w+)\||\(Connect\): invalid peer certificate/,
    true,
    false,
    CERTIFICATE,
  ),
  row(/disconnected before secure TLS connection was established|\(Connect\): tls/, true, true, HANDSHAKE),
  row(/\(Connect\): received corrupt message/, true, false, NO_TLS),
  row(/^(ECONNREFUSED|ConnectionRefused|UND_ERR_CONNECT_TIMEOUT)\||^\w*\|connect\||\(Connect\)/, true, true, CONNECTION),
  row(/^ERR_INVALID_URL\||^\|\|(bad port|unknown scheme)$|to port \d+ are blocked/, true, false, "check baseUrl"),
  row(/\|Requires net access/, true, false, "allow it"),
  row(/^(ERR_SSL_WRONG_VERSION_NUMBER|EPROTO)\|/, false, false, NO_TLS),
];

function row(pattern: RegExp, certain: boolean, mayPass: boolean, advice: string): Row {
  return { pattern, certain, mayPass, advice };
}

/** How a failed request is reported to the engine and to callers. It shows no address beyond its path: the rest may be as good as a key. */
export class FetchFailure extends Error {
  /** Whether the request went out: certainly `not`, nor would it the next time (`never`), or it `may` have. */
  readonly sent: "not" | "never" | "may";

  constructor(thrown: unknown, url: string, post: boolean, row: Row | undefined) {
    const text = reasonOf(thrown).replaceAll(url, url.replace(/[?#].*/s, ""));
    super(row ? `${text} (${row.certain ? "nothing was sent: " : ""}${row.advice})` : failedRequest(text));
    // What is read may be read again: whether it arrived is all the same.
    if (!row || (post && !row.certain)) this.sent = "may";
    else this.sent = row.mayPass ? "not" : "never";
  }
}

/**
 * The same fetch, with its failures classified.
 * @param once whether its requests are never sent a second time by the runtime itself: else a failure to connect may follow a request that was received
 */
export function classifyFailures(fetch: Fetch, once: boolean): Fetch {
  return (input, init) => {
    const rethrow = (thrown: unknown): never => {
      if (init?.signal?.aborted) throw thrown;
      const post = init?.method === "POST";
      throw new FetchFailure(thrown, input, post, once || !post ? rowOf(thrown) : undefined);
    };
    const given = fetch(input, init);
    return isPromise(given) ? given.then(undefined, rethrow) : given;
  };
}

function rowOf(thrown: unknown): Row | undefined {
  const texts = [thrown, (thrown as Partial<Error> | undefined)?.cause].map((error) => {
    const { code, syscall, errors } = (error ?? {}) as { code?: unknown; syscall?: unknown; errors?: { syscall?: unknown }[] };
    return `${typeof code === "string" ? code : ""}|${syscall ?? errors?.[0]?.syscall ?? ""}|${messageOf(error)}`;
  });
  return ROWS.find(({ pattern }) => texts.some((text) => pattern.test(text)));
}
