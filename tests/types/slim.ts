import { createClient, init } from "luma-edge/slim";

await init(fetch("/module.wasm"));
await init(await WebAssembly.compile(new Uint8Array()));

const pong: string | undefined = await createClient({ baseUrl: "/luma" }).ping();

export { pong };
