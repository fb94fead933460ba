// What compiles under the strictest settings and the types of any one runtime: nothing here names a page's type, or Node's.

import * as luma from "luma-edge";
import * as callbacks from "luma-edge/callbacks";
import * as eager from "luma-edge/eager";
import * as jobs from "luma-edge/jobs";
import wasm from "luma-edge/module.wasm";
import * as simulation from "luma-edge/simulator";
import simulatorWasm from "luma-edge/simulator.wasm";
import * as slim from "luma-edge/slim";
import * as stores from "luma-edge/stores";

/** As an environment has it. */
declare const missing: undefined;
declare const text: string | undefined;
declare const signal: AbortSignal | undefined;

export const client = luma.createClient({
  apiKey: text,
  baseUrl: text,
  provider: missing,
  fetch: missing,
  store: missing,
  clock: missing,
  upload: missing,
  onEvent: missing,
  budget: missing,
  timeout: missing,
  limits: { video: { concurrent: 1, perMinute: missing } },
});
const { generate, generateAll, poll, watch, list, listAll, download, upload, parseCallback, files } = client;
const tiger = await generate(
  { model: text, prompt: "A tiger", keyframes: { frame0: new Uint8Array(), frame1: missing }, aspect_ratio: text },
  { signal, timeout: missing, onUpdate: missing, price: missing },
);
await poll(tiger, { signal, timeout: missing, onUpdate: (update) => console.log(update.state, update.progress.elapsed) });
for await (const { state } of watch(tiger, { signal })) console.log(state);
for await (const { index, value, reason } of generateAll([{ prompt: "A bear" }], { signal, budget: missing }))
  console.log(index, value?.assets.video ?? reason?.message);
for (const result of await generateAll([{ prompt: "A bear" }]))
  console.log(result.status === "fulfilled" ? result.value.id : result.reason.code);
await list({ signal, limit: missing });
for await (const { id } of listAll({ limit: missing })) console.log(id);
await download(tiger, { asset: text, signal, onProgress: missing });
await upload(new ArrayBuffer(1), { signal, filename: text });
await files.list({ signal, cursor: text });
await parseCallback({ headers: {}, body: "{}" }, { signal, trust: missing });
await callbacks.callbackUrl("https://example.com", "a-long-random-secret", "order-17", { expires: missing });
await slim.init(wasm);
await slim.init(new Uint8Array());
const modules: object[] = [wasm, simulatorWasm];
const simulator = simulation.createSimulator({ clock: missing, seed: missing, limits: { video: missing } });
await simulator.fetch("https://example.com");
luma.createClient({ fetch: simulator.fetch, clock: simulator.clock, store: stores.localStorageStore({ prefix: text }), apiKey: "any" });
eager.createClient({ apiKey: text });

const {
  submit,
  wait,
  watch: watchJobs,
  list: listJobs,
} = jobs.createJobsClient({ baseUrl: text, token: text, headers: missing, fetch: missing });
const job = await submit({ prompt: "A tiger" }, { label: text, webhook: missing, idempotencyKey: text, signal });
console.log((await wait(job, { signal, onUpdate: ({ state, position }) => console.log(state, position) })).assets.video);
for await (const { id, error } of watchJobs(await submit([{ prompt: "A bear" }]), { signal })) console.log(id, error?.code);
console.log((await listJobs({ cursor: text, state: "waiting", limit: missing })).cursor);

// @ts-expect-error a job has no such state
await listJobs({ state: "lost" });
// @ts-expect-error a secret that is named is there
await parseCallback({ body: "{}" }, { secret: text });
// @ts-expect-error a text is no wasm
slim.init("bad");
// @ts-expect-error no such option
await generate({ prompt: "A tiger" }, { timeOut: 1 });

export { modules };
