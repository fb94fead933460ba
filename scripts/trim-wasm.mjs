// Takes out of a wasm what can run but never matters, and what is there but never runs. Neither the linker nor wasm-opt
// may: to them a panic is code like any other, and whatever stands in the table of functions might be called.

import binaryen from "binaryen";

/** Ends in a trap, whatever it does before. What it does is write a message, and a wasm has no place to show one. */
const PANICS = /^core(\[\w+\])?::panicking::|\bcore(\[\w+\])?::panic::PanicPayload>/;

/** Text made of values: at home in panics, and trimmed with them unless something else is made of it. */
const FORMATTING = /\bcore(\[\w+\])?::fmt::/;

/** How a closure is called from JavaScript: each in use has an export of its own. */
const CLOSURE = /\bwasm_bindgen::convert::closures::_::invoke::(h\w+)/;

/** A task of `#[wasm_bindgen(jspi)]`: there is none, so wasm-bindgen has closed the way in, but not removed what lies behind. */
const JSPI = /\bjs_sys::futures::jspi::(SpawnedTask|task_waker)::/;

/**
 * @param {Uint8Array} wasm what wasm-bindgen gives, with its names
 * @returns {Uint8Array} the same, with a trap in the place of each such function: for wasm-opt to clear away
 */
export function trim(wasm) {
  const exported = JSON.stringify(WebAssembly.Module.exports(new WebAssembly.Module(wasm)));
  const module = binaryen.readBinary(wasm);
  const formats = formatsBesidesPanics(module.emitText());
  const idle = (name) =>
    PANICS.test(name) || JSPI.test(name) || (!formats && FORMATTING.test(name)) || (CLOSURE.test(name) && !exported.includes(CLOSURE.exec(name)[1]));

  for (let index = 0; index < module.getNumFunctions(); index++) {
    const reference = module.getFunctionByIndex(index);
    const { name, base: imported } = binaryen.getFunctionInfo(reference);
    if (!imported && idle(name)) binaryen.Function.setBody(reference, module.unreachable());
  }
  binaryen.setDebugInfo(true); // keeps the names, which wasm-opt reports by
  const trimmed = module.emitBinary();
  module.dispose();
  return trimmed;
}

/** Whether anything but a panic, and what formats itself, calls what formats. */
function formatsBesidesPanics(text) {
  let caller;
  return text.split("\n").some((line) => {
    caller = nameAfter(/^ \(func \$/, line) ?? caller;
    const callee = nameAfter(/\(call \$/, line);
    return callee && FORMATTING.test(callee) && !FORMATTING.test(caller) && !PANICS.test(caller);
  });
}

function nameAfter(pattern, line) {
  const found = pattern.exec(line);
  const rest = found && line.slice(found.index + found[0].length);
  return rest?.startsWith('"') ? rest.slice(1, rest.indexOf('"', 1)) : rest?.match(/^[^\s)]+/)[0];
}
