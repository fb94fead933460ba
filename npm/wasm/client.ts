// The client's wasm, as text: its glue, and how it is compiled. The text is a file of its own, so that no stack trace shows it.

import { createGlue } from "../../target/wasm/client/glue.js";
import { compileText } from "./inline.js";
import type { Wasm } from "./instance.js";

/** What the client's wasm exports, by its JavaScript side. */
export type ClientGlue = ReturnType<typeof createGlue>;

export async function compileClient(text: string): Promise<Wasm<ClientGlue>> {
  return { module: await compileText(text), createGlue };
}
