// Loads a wasm that travels inside the JavaScript: no second request, no file to lose when bundling, nothing to configure.

import { LumaError } from "./error.js";

/**
 * @param {string} deflated the wasm, compressed (deflate-raw) and then in base64
 * @returns {() => Promise<WebAssembly.Module>} compiles on the first call and remembers; a failure is not remembered
 */
export function inlineModule(deflated) {
  let compiled;
  return () =>
    (compiled ??= compile(deflated).catch((error) => {
      compiled = undefined;
      throw error;
    }));
}

async function compile(deflated) {
  const inflated = new Blob([fromBase64(deflated)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = await new Response(inflated).arrayBuffer();
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    // The bytes are known to be good, so it is the place that refuses.
    throw new LumaError({
      code: "internal",
      message:
        "This runtime does not compile WebAssembly from bytes. In a page, allow 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy. " +
        'In a Worker, import "luma-edge/slim" and give it the module "luma-edge/module.wasm"; with OpenNext, name luma-edge in serverExternalPackages.',
      cause,
    });
  }
}

/** A loop where `Uint8Array.fromBase64` is missing: many times as fast as `Uint8Array.from` with a callback. */
function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
