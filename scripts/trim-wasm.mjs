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

/** What the standard library says in panics, and the digits that it formats by: trimmed with the code, but not from the data. */
const SAYINGS = [
  "`async fn` resumed after completion",
  "RefCell already mutably borrowed",
  "RefCell already borrowed",
  "cannot access a Thread Local Storage value during or after destruction: ",
  "Tried to shrink to a larger capacity",
  "capacity overflow",
  "index out of bounds: the len is ",
  " but the index is ",
  "insertion index (is ",
  "removal index (is ",
  ") should be <= len (is ",
  ") should be < len (is ",
];
const DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0")).join("");

const DATA_SECTION = 11;
const I32_CONST = 0x41;

/** A source file, as a panic names it. */
const SOURCE = /^[\w/.+-]+\.rs$/;

/**
 * @param {Uint8Array} wasm what wasm-bindgen gives, with its names
 * @returns {Uint8Array} the same, with a trap in the place of each such function: for wasm-opt to clear away
 */
export function trim(wasm) {
  const exported = JSON.stringify(WebAssembly.Module.exports(new WebAssembly.Module(wasm)));
  const bytes = withoutPlaces(wasm);
  let module = binaryen.readBinary(bytes);
  const formats = formatsBesidesPanics(module.emitText());
  if (!formats) {
    blank(bytes, [...SAYINGS, DIGITS]);
    module.dispose();
    module = binaryen.readBinary(bytes);
  }
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

/**
 * A panic also has its place in the source: a `Location { file: &str, line, column }` in the data, which wasm-opt leaves
 * alone. Zeros instead, for the file's name too, which may tell of the machine that built it.
 */
function withoutPlaces(wasm) {
  const bytes = Buffer.from(wasm);
  const segments = dataSegments(bytes);
  const at = (address, length) => {
    const segment = segments.find(({ from, start, end }) => address >= from && address + length <= from + end - start);
    return segment && segment.start + address - segment.from;
  };
  const places = [];
  for (const { from, start, end } of segments) {
    for (let offset = start + ((4 - (from % 4)) % 4); offset + 16 <= end; offset += 4) {
      const length = bytes.readUInt32LE(offset + 4);
      const name = at(bytes.readUInt32LE(offset), length);
      if (length > 3 && name && SOURCE.test(bytes.latin1Slice(name, name + length))) places.push([offset, 16], [name, length]);
    }
  }
  for (const [offset, length] of places) bytes.fill(0, offset, offset + length);
  return bytes;
}

/** Zeros in the place of texts. */
function blank(bytes, texts) {
  for (const { start, end } of dataSegments(bytes)) {
    for (const text of texts) {
      const at = bytes.subarray(start, end).indexOf(text);
      if (at >= 0) bytes.fill(0, start + at, start + at + text.length);
    }
  }
}

/** Where the data of a wasm with one memory lies: its address in the memory, and its start and end in the file. */
export function dataSegments(bytes) {
  let at = 8; // behind the magic number and the version
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) value |= ((byte = bytes[at++]) & 127) << shift;
    return value >>> 0;
  };
  const segment = () => {
    if (number() !== 0 || bytes[at++] !== I32_CONST) throw new Error("A data segment of a kind that scripts/trim-wasm.mjs does not know");
    const from = number();
    at++; // the end of the expression
    const length = number();
    at += length;
    return { from, start: at - length, end: at };
  };
  for (;;) {
    const id = bytes[at++];
    const length = number();
    if (id === DATA_SECTION) return Array.from({ length: number() }, segment);
    at += length;
  }
}
