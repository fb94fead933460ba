// Writes a wasm as text that compresses nearly as well as the wasm itself, to travel inside of a JavaScript file.
//
// Base64 hides the byte boundaries that gzip and brotli look for, so that a wasm has to be deflated before it, and brotli
// gains nothing over deflate any more. Here the most frequent bytes take one printable ASCII character each and the others
// two: in brotli 3 % more than the bare wasm, where deflate and base64 took 20 % more. A minifier has nothing to escape.
// Taken apart first (see npm/weave.js) it is 7 % less than the bare wasm.

import { unweave } from "./unweave.mjs";

const FIRST = 32; // the space: codes count from here
const SINGLES = 93; // codes below stand for one byte; the two above, "}" and "~", lead a pair
const CODES = 95; // up to "~"
const ESCAPED = ['"', "\\"].map((character) => character.charCodeAt(0) - FIRST);

/**
 * @param {Uint8Array} wasm
 * @returns {{ pieces: { singles: number[], text: string }[], parts: number[], functions: number }} the text in pieces, and
 *   for each which bytes take one character, by how far each is from its character; `decode` of npm/inline.js reads them
 */
export function encode(wasm) {
  const { parts, functions } = unweave(wasm);
  // Names and data, instructions, and their operands have little in common.
  const pieces = [parts.slice(0, 2), parts.slice(2, 3), parts.slice(3)].map((some) => write(Buffer.concat(some)));
  return { pieces, parts: parts.map((part) => part.length), functions };
}

function write(bytes) {
  const singles = assign(mostFrequent(bytes));
  const pairs = [...Array(256).keys()].filter((byte) => !singles.includes(byte));
  const words = new Array(256);
  singles.forEach((byte, index) => (words[byte] = character(index)));
  pairs.forEach((byte, index) => (words[byte] = character(SINGLES + Math.floor(index / CODES)) + character(index % CODES)));
  const offsets = singles.map((byte, index) => byte - index - FIRST); // most are what they are, or what their neighbours are off
  return { singles: offsets, text: Array.from(bytes, (byte) => words[byte]).join("") };
}

function mostFrequent(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  return [...count.keys()].sort((a, b) => count[b] - count[a]).slice(0, SINGLES);
}

/**
 * Gives each byte a code. Letters stay what they are, since brotli knows English words; the others keep their order,
 * since it guesses a byte from the bits of its neighbours. What a string has to escape goes to the rarest.
 */
function assign(frequent) {
  const singles = new Array(SINGLES);
  ESCAPED.forEach((code, index) => (singles[code] = frequent.at(-1 - index)));
  const moved = [];
  for (const byte of frequent.slice(0, -ESCAPED.length).sort((a, b) => a - b)) {
    const own = byte - FIRST;
    if (own >= 0 && own < SINGLES && singles[own] === undefined) singles[own] = byte;
    else moved.push(byte);
  }
  for (let code = 0; code < SINGLES; code++) singles[code] ??= moved.shift();
  return singles;
}

const character = (code) => String.fromCharCode(FIRST + code);
