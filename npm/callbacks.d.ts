/**
 * Addresses for callbacks: providers do not sign what they POST, so the address itself tells who was given it. For Workers and
 * servers; needs no more than WebCrypto.
 *
 * ```js
 * const callback_url = await callbackUrl("https://example.com/luma", env.CALLBACK_SECRET, order.id);
 * await client.create({ prompt: "A tiger walking in snow", callback_url });
 *
 * // where it is POSTed to
 * const { ticket } = await verifyCallback(request, env.CALLBACK_SECRET);
 * const { generation } = await client.parseCallback(request);
 * ```
 */

/**
 * An address that nobody else could have made: `base`, with what you know the job by, until when the address is good, and an
 * HMAC-SHA-256 over both. What `base` has of its own stays as it is, also a `{ticket}`, which becomes the id of the client's
 * ticket when the job is created; it is not signed.
 *
 * @param base where your server listens
 * @param secret at least 16 characters that nobody can guess; the address does not tell them
 * @param ticket what you know the job by, such as the id of an order; whoever sees the address can read it
 * @throws `invalid_request` for a secret that is too short
 */
export declare function callbackUrl(
  base: string | URL,
  secret: string,
  ticket: string,
  options?: {
    /** When the address ends: in so many ms, 7 days by default, or at a date. */
    expires?: number | Date;
  },
): Promise<string>;

/**
 * Tells whether an address is one that {@link callbackUrl} made with this secret, and for what.
 *
 * @param requestOrUrl what was received, or its address; a path with its query is enough
 * @throws `authentication` for an address that was not given out so; `gone` for one that was, and has ended
 */
export declare function verifyCallback(requestOrUrl: string | URL | { url?: string }, secret: string): Promise<{ ticket: string; expires: Date }>;
