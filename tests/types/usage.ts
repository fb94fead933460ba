// The types as a user meets them: what must compile, and what must not.

import type { Client, Code, Failure, Generation, GenerationRequest, Problem, Update, VideoRequest } from "luma-edge";
import { createClient, LumaError } from "luma-edge";
import { callbackUrl, verifyCallback } from "luma-edge/callbacks";
import { createJobsClient, type Job, type JobsClient } from "luma-edge/jobs";
import { createSimulator } from "luma-edge/simulator";
import { indexedDBStore, localStorageStore, memoryStore, type Store } from "luma-edge/stores";
import { fileStore } from "luma-edge/stores/node";

const simulator = createSimulator({ clock: "auto", faults: "get:500/2" });
const client: Client = createClient({
  apiKey: "luma-test",
  fetch: simulator.fetch,
  clock: simulator.clock,
  timeout: 30_000,
  upload: async (file: Blob) => `https://example.com/${file.size}`,
  onEvent: (event) => {
    if (event.type === "retry") console.log(event.after.toFixed(), event.code satisfies Code);
    if (event.type === "update") console.log(event.state satisfies Generation["state"]);
  },
});
createClient({ apiKey: "luma-test", fetch });

const { generate, poll, watch, download } = client;

const tiger: Generation = await generate(
  {
    model: "ray-2",
    prompt: "A tiger walking in snow",
    resolution: 1080,
    duration: "5s",
    keyframes: { frame0: { type: "image", url: "https://example.com/a.jpg" } },
  },
  {
    signal: AbortSignal.timeout(60_000),
    onUpdate: (update: Update) => console.log(update.state, update.progress.elapsed / update.progress.expected),
  },
);
const url: string | undefined = tiger.assets.video;
const failure: Failure | undefined = tiger.failure;
// The documented codes are offered, and one that is newer passes.
const exhausted: boolean = failure?.provider_code === "budget_exhausted" || failure?.provider_code === "a_newer_one";
await poll(tiger.id);
await poll({ id: tiger.id });
for await (const update of watch(tiger)) console.log(update.assets.hologram);
for await (const { id } of client.listAll({ limit: 50 })) console.log(id);
const response: Response = await download(tiger, {
  asset: "video",
  onProgress: ({ received, total }) => console.log(received / (total ?? Infinity)),
});
const layers: Response[] = await Promise.all((tiger.outputs ?? []).map((_, asset) => download(tiger, { asset })));

// Every form is a request, and words that are newer than this package pass.
const requests: GenerationRequest[] = [
  { prompt: "A bear", model: "photon-2", format: "avif", generation_type: "image" },
  { model: "ray-2", media: { url: "https://example.com/a.mp4" }, mode: "reimagine_4", first_frame: { url: "https://example.com/a.jpg" } },
  { model: "photon-1", media: { url: "https://example.com/a.jpg" }, aspect_ratio: "21:9", x_start: 0, x_end: 10 },
];
const problems: Problem[] = await client.validate(requests[0]);
const { usd, basis } = await client.estimate({ model: "ray-2", prompt: "A tiger" });
if (usd !== undefined) console.log(usd.toFixed(2), basis);

try {
  await client.upscale(tiger, { resolution: "4k" });
} catch (error) {
  if (error instanceof LumaError) {
    const code: Code = error.code;
    const job: Generation | undefined = error.generation;
    console.log(
      code,
      job?.id,
      error.status?.toFixed(),
      error.problems.map(({ path }) => path),
      error.creation?.sentAt,
      error.cause,
    );
  }
}

// @ts-expect-error a prompt is a string
const numeric: VideoRequest = { prompt: 7 };
// A picture as a keyframe does without a prompt.
const silent: VideoRequest = { model: "ray-2", keyframes: { frame0: { type: "image", url: "https://example.com/a.jpg" } } };
// @ts-expect-error a frame is a picture or a generation
const odd: VideoRequest = { prompt: "A tiger", keyframes: { frame0: { type: "image", id: "x" } } };
// @ts-expect-error no such option
createClient({ apiKey: "luma-test", budgets: { usd: 5 } });
// @ts-expect-error the state is one of four words
const lost: Generation["state"] = "lost";

export { exhausted, failure, layers, lost, numeric, odd, problems, response, silent, url };

// A store is anything with its methods.
const stores: Store[] = [
  memoryStore(),
  localStorageStore({ prefix: "jobs:" }),
  indexedDBStore({ name: "jobs", lease: 60_000 }),
  fileStore(new URL("file:///tmp/jobs"), { lease: 5_000 }),
  { getAll: async () => new Map<string, string>(), put: async () => {}, delete: async () => {} },
];
for (const [key, value] of await memoryStore().getAll()) console.log(key.length, value.length);
const releaseLock: (() => void) | undefined = await stores[0]?.lock?.("ticket:x");
// @ts-expect-error a value is text
await memoryStore().put("ticket:x", { state: "sent" });

export { releaseLock };

// Files, generations and addresses stand wherever media do.
const file: Blob = new Blob([]);
for (const frame0 of [
  file,
  new Uint8Array(),
  new ArrayBuffer(1),
  tiger,
  "https://example.com/a.jpg",
  { url: file },
  { type: "image", url: tiger } as const,
  { file_id: "file-1" },
]) {
  await generate(
    { prompt: "A tiger walking in snow", keyframes: { frame0 } },
    { onUpdate: (update) => update.state === "uploading" && console.log(update.upload.path, update.upload.loaded / update.upload.total) },
  );
}
await generate({
  prompt: "A bear",
  image_ref: [file, { url: file, weight: 0.5 }],
  character_ref: { identity0: { images: [file, { url: tiger }, "https://example.com/a.jpg"] } },
  modify_image_ref: tiger,
});
await generate({ model: "ray-2", media: file, mode: "flex_1", first_frame: { url: file } });
await generate({
  model: "photon-1",
  prompt: "A bear",
  image_ref: [await client.upload(file, { onProgress: ({ loaded }) => console.log(loaded) })],
});
await client.generateAll([{ prompt: "A bear", style_ref: [file] }]);
const kept = await client.upload(file, { purpose: "reference", filename: "bear.png", expiresAt: new Date(), userId: "me" });
const { files, next_cursor } = await client.files.list({
  limit: 9,
  state: "ready",
  purpose: "a newer one",
  signal: AbortSignal.timeout(1),
});
for await (const { id, size_bytes } of client.files.listAll({ cursor: next_cursor })) console.log(id, (size_bytes ?? 0) / 1000);
if (typeof kept !== "string" && "file_id" in kept) await client.files.delete((await client.files.get(kept)).id);
await Promise.all(files.map((one) => client.files.delete(one)));
// @ts-expect-error a limit is a number
await client.files.list({ limit: "9" });
createClient({
  apiKey: "luma-test",
  upload: async (file, { signal, onProgress }) => (onProgress({ loaded: 0, total: file.size }), `https://example.com/${signal.aborted}`),
});
// @ts-expect-error a prompt is no file
await generate({ prompt: file });
// @ts-expect-error a weight is no file
await generate({ prompt: "A bear", image_ref: [{ url: file, weight: file }] });

const address: string = await callbackUrl(new URL("https://example.com/luma?job={ticket}"), "a-long-random-secret", "order-17", {
  expires: new Date(),
});
const { ticket, expires } = await verifyCallback(new Request(address), "a-long-random-secret");
const { generation, posted } = await client.parseCallback(new Request(address), { secret: "a-long-random-secret" });
await client.parseCallback(
  { headers: { "x-webhook-secret": "a-long-random-secret" }, body: "{}" },
  { trust: true, signal: AbortSignal.timeout(1) },
);
console.log(ticket, expires.getTime(), generation.state === posted.state);
await generate(requests[0]!);

// Jobs of a Worker: their generations and errors are those of the client.
const jobs: JobsClient = createJobsClient({ token: async () => "a-token", fetch });
const handed: Job[] = await jobs.submit([{ model: "ray-3.2", prompt: "A tiger" }], { provider: "agents" });
const made: Generation = await jobs.wait(handed[0] as Job).catch((error) => {
  throw error instanceof LumaError ? error.code : error;
});
for await (const { id, state } of jobs.watch()) console.log(id, state satisfies Job["state"]);
for await (const { history } of jobs.listAll({ label: "tigers" })) console.log(history?.[0]?.at);
// @ts-expect-error no such option
await jobs.submit({ prompt: "A tiger" }, { webhok: "https://example.com" });

export { made };
