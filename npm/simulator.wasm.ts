/** The simulator's WebAssembly, as runtimes such as Cloudflare Workers import it. */
declare const module: WebAssembly.Module;
export default module;
