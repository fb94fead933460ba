// The simulator's default entry: the wasm travels inside, as text, and is compiled by the first call.

import { createGlue } from "../../target/wasm/simulator/glue.js";
import { createFace } from "../simulator/face.js";
import type { Simulator, SimulatorOptions } from "../simulator/types.js";
import { compileText } from "../wasm/inline.js";
import { createRuntime } from "../wasm/instance.js";
import { once } from "../wasm/lazy.js";
import text from "../wasm/simulator-text.js";

export type * from "../simulator/types.js";

const load = once(async () => ({ module: await compileText(text), createGlue }));
const face = createFace(createRuntime(load));

/**
 * Makes a provider in which nothing has happened. Its WebAssembly is loaded with the first call, which is also what rejects
 * with a `TypeError` when an option's value is wrong.
 *
 * A prompt decides about its job: `[fail:moderation]`, `[fail:blacklist]`, `[fail:frames]`, `[fail:frame-moderation]`,
 * `[fail:prompt]`, `[fail:dispatch]`, `[fail:job]` and `[fail:callback]` make it fail, with the reason that Luma documents;
 * `[slow]` and `[fast]` make it take ten times or a tenth as long.
 * `[fail:file]` in the name of a file makes the file fail at Agents.
 *
 * At useapi.net the account `me@example.com` is there from the start. The session of another tells whose it is
 * (`anything:you@example.com`), and what is wrong with it: one that begins with `expired` is dead, one that begins with
 * `free` makes one draft at a time.
 *
 * @throws {TypeError} when an option is not known.
 */
export function createSimulator(options?: SimulatorOptions): Simulator {
  return face.createSimulator(options);
}
