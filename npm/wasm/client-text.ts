// The wasm as text: deflated, in base64.

export { default } from "../../target/wasm/client/text.js";
