// A wasm as runtimes such as Cloudflare Workers import it, and Vercel's edge runtime.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
