// The second half of the default entry's wasm: what makes jobs and waits for them.

export { default } from "../target/wasm/client/parted/second.js";
