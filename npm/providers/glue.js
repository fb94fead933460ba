// The JavaScript side of the other providers' wasm, for whoever brings the wasm.

export { createGlue } from "../../target/wasm/providers/glue.js";
