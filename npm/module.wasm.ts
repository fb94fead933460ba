/** The client's WebAssembly, as runtimes such as Cloudflare Workers import it; for `init` of `luma-edge/slim`. */
declare const module: WebAssembly.Module;
export default module;
