// Header fields on every answer: nothing of it is kept, shown or run. A page of this server's own says itself what it may show.

export function protect(headers: Headers): void {
  headers.set("cache-control", "no-store");
  if (!headers.has("content-security-policy")) headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  headers.set("referrer-policy", "no-referrer");
  headers.set("x-content-type-options", "nosniff");
}
