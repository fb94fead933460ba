/** An address as `fetch` reads it: in a page also a relative one. Undefined where it cannot be read. */
export function addressOf(url: string): URL | undefined {
  const { document, location } = globalThis;
  try {
    // A document may have another base than its own address: a frame of `srcdoc` has that of its page.
    return new URL(url, document?.baseURI ?? location?.href);
  } catch {
    return undefined;
  }
}
