// Compiles a wasm that travels inside the JavaScript, as text: no file to lose when bundling, nothing to configure.

import { LumaError } from "../common/error.js";

/** @param text a wasm, deflated and in base64 */
export async function compileText(text: string): Promise<WebAssembly.Module> {
  const bytes = await inflate(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    // The bytes are known to be good, so it is the runtime that refuses.
    throw new LumaError({
      code: "internal",
      message:
        "This runtime does not compile WebAssembly from bytes. In a page, allow 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy. " +
        'In a Worker, import "luma-edge/slim" and give it the module "luma-edge/module.wasm"; with OpenNext, name luma-edge in serverExternalPackages.',
      cause,
    });
  }
}

/** Without a Blob: jsdom's gives no stream. */
function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  // Should they fail, the reader does, too.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable).arrayBuffer();
}
