// Header fields on every answer: nothing of it is kept, shown or run. A file of the bucket says itself how long it is kept, and by whom it
// is shown; a page of this server's own, what it may show.

export function protect(headers: Headers): void {
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (!headers.has("content-security-policy")) headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  headers.set("referrer-policy", "no-referrer");
  headers.set("x-content-type-options", "nosniff");
}
