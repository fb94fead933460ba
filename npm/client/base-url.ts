// Whether requests can be sent to a `baseUrl`. Reported when the client is made: a request that fails for it may look as if it was sent,
// and a login in it would show in every event.

import { addressOf } from "../common/page-address.js";

/** Ports to which `fetch` sends nothing (fetch.spec.whatwg.org, "bad port", read on 2026-11-27). Bun and workerd do; a `fetch` of the caller's may, too. */
const BLOCKED = new Set(
  (
    "1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 " +
    "389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 " +
    "5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
  ).split(" "),
);

/** What is wrong with it, if anything. Never repeats it. `own`: whether requests go through the runtime's own fetch. */
export function wrongBaseUrl(url: unknown, own: boolean): string | undefined {
  if (typeof url !== "string") return "must be a text such as https://example.com/luma";
  if (/\s/.test(url)) return "must not contain blanks or line ends";
  if (/[?#]/.test(url)) return "must end with its path: paths are appended to it, so a query or a fragment cannot stand there";
  if (/^\.{0,2}\/(?!\/)/.test(url))
    return own && !globalThis.location ? "must begin with https:// or http://: a relative one works in a page alone" : undefined;
  const { protocol, username, password, port } = addressOf(url) ?? {};
  if (!/^https?:$/.test(protocol ?? "") || !/^https?:\/\//i.test(url))
    return "must begin with https://, http:// or, in a page, with a slash";
  if (username || password) return "must not hold a login: it would show in events; a proxy may take a header from a `fetch` of your own";
  if (own && BLOCKED.has(port ?? "")) return `names port ${port}, to which fetch sends nothing`;
  return undefined;
}

/** Whether this is a page and the server of another origin: it is asked first whether it takes a header that it need not know. */
export function isCrossOrigin(url: string): boolean {
  const { location, origin } = globalThis;
  return location !== undefined && addressOf(url)?.origin !== origin;
}
