import * as standard from "luma-edge";
import * as eager from "luma-edge/eager";
import { createClient, init, preload } from "luma-edge/slim";

await init(fetch("/module.wasm"));
await init(await WebAssembly.compile(new Uint8Array()));

const pong: string | undefined = await createClient({ baseUrl: "/luma" }).ping();

await Promise.all([preload(), eager.preload(), standard.preload()]);

// The entries are the same to who uses them, and their clients and errors each other's.
const clients: standard.Client[] = [createClient(), eager.createClient({ apiKey: "luma-test" } satisfies standard.ClientOptions)];
const error: standard.LumaError = new eager.LumaError({ code: "internal", message: "", problems: [], retryable: false });
// @ts-expect-error there is one wasm
await init(fetch("/module.wasm"), fetch("/providers.wasm"));

export { clients, error, pong };
