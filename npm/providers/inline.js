// The other providers' wasm as the default entry has its own: inside.

export { createGlue } from "../../target/wasm/providers/glue.js";
export { default as written } from "../../target/wasm/providers/inline.js";
