/** The client's wasm as text: deflated, in base64. The build writes the JavaScript. */
declare const text: string;
export default text;
