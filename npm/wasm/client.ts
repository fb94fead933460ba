// The client's wasm and its glue: what the first call of the default entry loads. The text is a file of its own, so that no stack
// trace shows it.

import { createGlue } from "../../target/wasm/client/glue.js";
import text from "./client-text.js";
import { compileText } from "./inline.js";
import type { Wasm } from "./instance.js";

/** What the client's wasm exports, by its JavaScript side. */
export type ClientGlue = ReturnType<typeof createGlue>;

export async function loadClient(): Promise<Wasm<ClientGlue>> {
  return { module: await compileText(text), createGlue };
}
