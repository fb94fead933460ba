// The last gate of an answer: should a provider's own words repeat the key that they were asked with, it does not get out.

import { without } from "../log.js";

/** A stream in which no secret shows, in one piece or across two. */
export function withoutSecrets(secrets: readonly string[]): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const longest = Math.max(1, ...secrets.map((secret) => secret.length));
  let held = "";
  return new TransformStream({
    transform(chunk, controller) {
      const text = without(secrets, held + decoder.decode(chunk, { stream: true }));
      // What may be the beginning of one waits for what follows.
      let ready = Math.max(0, text.length - longest + 1);
      if (/[\uD800-\uDBFF]/.test(text[ready - 1] ?? "")) ready--; // half a character waits for the other half
      held = text.slice(ready);
      if (ready) controller.enqueue(encoder.encode(text.slice(0, ready)));
    },
    flush(controller) {
      controller.enqueue(encoder.encode(without(secrets, held + decoder.decode())));
    },
  });
}
