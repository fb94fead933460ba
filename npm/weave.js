// A wasm's code, taken apart into streams of like with like: instructions, local variables, offsets in memory, functions
// called, constants, and the rest. Each is far more regular than all of them in turns: 9 % less in brotli.

/** Two of the streams, by their numbers. The alignment of an access goes with its instruction, which nearly tells it. */
const INSTRUCTIONS = 0;
const REST = 5;

/** How many streams there are. */
export const STREAMS = 6;

/**
 * Of which streams the operands of an instruction are, from that opcode on to the next that is here. "t": a table of jumps; "4"
 * and "8" of those in words: a number of so many bytes; "x": an instruction of the second page.
 */
const OPERANDS = {
  ...{ 0x02: [REST], 0x05: [], 0x0c: [REST], 0x0e: ["t"], 0x0f: [], 0x10: [3], 0x11: [REST, REST], 0x12: [], 0x1c: [REST, REST] },
  ...{ 0x1d: [], 0x20: [1], 0x23: [REST], 0x28: [INSTRUCTIONS, 2], 0x3f: [REST], 0x41: [4], 0x42: [REST], 0x43: ["4"], 0x44: ["8"] },
  ...{ 0x45: [], 0xd0: [REST], 0xd1: [], 0xd2: [3], 0xd3: [], 0xfc: ["x"] },
};
const operands = [];
for (let opcode = 0, last = []; opcode < 256; opcode++) operands[opcode] = last = OPERANDS[opcode] ?? last;

/**
 * Goes through the body of one function, there and back the same way.
 *
 * @param {(stream: number) => number} move carries the next byte, from or to that stream, and gives it
 */
export function walk(move) {
  const number = (stream) => {
    let value = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) value |= ((byte = move(stream)) & 127) << shift;
    return value;
  };
  for (let locals = number(REST); locals > 0; locals--) number(REST), number(REST);
  for (let depth = 1; depth > 0; ) {
    const opcode = move(INSTRUCTIONS);
    if (opcode >= 0x02 && opcode <= 0x04) depth++; // block, loop, if
    if (opcode === 0x0b) depth--; // end
    for (const operand of operands[opcode]) {
      if (operand === "t") for (let targets = number(REST); targets >= 0; targets--) number(REST);
      else if (operand === "x") {
        const second = number(INSTRUCTIONS);
        if (second >= 8) number(REST);
        if (second >= 8 && second <= 14 && second % 2 === 0) number(REST);
      } else if (typeof operand === "string") for (let bytes = +operand; bytes > 0; bytes--) move(REST);
      else number(operand);
    }
  }
}

/** A number as a wasm writes it. */
const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);

const CODE_SECTION = 10;

/**
 * @param {Uint8Array} bytes what stands before the code, what stands behind it, and the streams
 * @param {{ parts: number[], functions: number }} plan how long each of these is, and how many functions there are
 * @returns {Uint8Array} the wasm
 */
export function weave(bytes, { parts, functions }) {
  let end = 0;
  const [before, behind, ...streams] = parts.map((length) => bytes.subarray(end, (end += length)));
  const at = streams.map(() => 0);
  const code = new Uint8Array(bytes.length);
  let length = 0;
  const pieces = [leb(functions)];
  for (let index = 0; index < functions; index++) {
    const start = length;
    walk((stream) => (code[length++] = streams[stream][at[stream]++]));
    pieces.push(leb(length - start), code.subarray(start, length));
  }
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  pieces.unshift(before, [CODE_SECTION], leb(size));
  pieces.push(behind);

  const wasm = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    wasm.set(piece, place);
    place += piece.length;
  }
  return wasm;
}
