// Takes a wasm apart for `weave` of npm/weave.js to put together again.

import { STREAMS, walk, weave } from "../npm/weave.js";

const CODE_SECTION = 10;

/**
 * @param {Uint8Array} wasm
 * @returns {{ parts: Uint8Array[], functions: number }} what `weave` takes, one behind the other
 */
export function unweave(wasm) {
  const streams = Array.from({ length: STREAMS }, () => []);
  let at = 8; // behind the magic number and the version
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) value |= ((byte = wasm[at++]) & 127) << shift;
    return value;
  };
  while (at < wasm.length) {
    const start = at;
    const id = wasm[at++];
    const end = number() + at;
    if (id !== CODE_SECTION) {
      at = end;
      continue;
    }
    const functions = number();
    for (let index = 0; index < functions; index++) {
      number(); // its length, which its end tells as well
      walk((stream) => {
        streams[stream].push(wasm[at]);
        return wasm[at++];
      });
    }
    const parts = [wasm.subarray(0, start), wasm.subarray(end), ...streams.map((stream) => Uint8Array.from(stream))];
    const woven = weave(Buffer.concat(parts), { parts: parts.map((part) => part.length), functions });
    if (Buffer.compare(woven, wasm) !== 0) throw new Error("The wasm has an instruction that npm/weave.js does not know");
    return { parts, functions };
  }
  throw new Error("There is no code in this wasm");
}
