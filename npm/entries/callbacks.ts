/**
 * Addresses for callbacks: providers do not sign what they POST, so the address itself shows who was given it. For Workers and
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

export { callbackUrl, verifyCallback } from "../callbacks/url.js";
