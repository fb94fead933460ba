// Loads a wasm that travels inside the JavaScript: no second request, no file to lose when bundling, nothing to configure.

import { LumaError } from "./error.js";
import { weave } from "./weave.js";

/**
 * @param {() => Written | Promise<Written>} load gives the wasm, taken apart, as text: { pieces: { singles: number[], text: string }[],
 *   parts: number[], functions: number }, see scripts/wasm-text.mjs
 * @returns {() => Promise<WebAssembly.Module>} compiles on the first call and remembers; a failure is not remembered
 */
export function inlineModule(load) {
  let compiled;
  return () =>
    (compiled ??= compile(load).catch((error) => {
      compiled = undefined;
      throw error;
    }));
}

/**
 * @param {string} called how the second half calls the first, which no other build is called
 * @param {() => Promise<{ default: object }>} load gives the second half, as above
 * @returns {(exports: WebAssembly.Exports) => Promise<void>} brings it to an instance of the first half
 */
export function inlineSecond(called, load) {
  const module = inlineModule(async () => (await load()).default);
  return async (exports) => void (await WebAssembly.instantiate(await module(), { [called]: exports }));
}

async function compile(load) {
  const written = await load();
  try {
    return await WebAssembly.compile(decode(written));
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

function decode({ pieces, ...plan }) {
  const bytes = new Uint8Array(pieces.reduce((sum, { text }) => sum + text.length, 0));
  let length = 0;
  for (const { singles, text } of pieces) {
    // A character below "}" is one byte; "}" and "~" lead a pair. The bytes that take a pair follow, in their order.
    const known = singles.map((offset, index) => offset + index + 32);
    for (let byte = 0; byte < 256; byte++) if (known.indexOf(byte) < 0) known.push(byte);
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i) - 32;
      if (code >= 93) code = 93 + (code - 93) * 95 + text.charCodeAt(++i) - 32;
      bytes[length++] = known[code];
    }
  }
  return weave(bytes, plan);
}
