export { createGlue } from "../../target/wasm/providers/glue.js";
export { default as module } from "../providers.wasm?module";
