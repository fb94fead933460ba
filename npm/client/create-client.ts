// The face of the client: bound methods that give promises, over a wasm instance that is made when a call first needs it.

import { parseCallback } from "../callbacks/parse.js";
import type { createMedia } from "../media/media.js";
import type { Fetch } from "../media/types.js";
import type { ClientGlue } from "../wasm/client.js";
import type { Runtime } from "../wasm/instance.js";
import type { Client } from "./api.js";
import { createBatch } from "./batch.js";
import { checkOptions, plainOption } from "./check-options.js";
import { download } from "./download.js";
import { createEngine, type EngineOptions, type Method, type Run } from "./engine.js";
import { type LumaError, toLumaError } from "./error.js";
import { guard } from "./guard.js";
import { listAll, listAllFiles } from "./list-all.js";
import type { ClientOptions, GenerateOptions } from "./options.js";
import { ownFetch } from "./own-fetch.js";
import type { Parts } from "./parts.js";
import { providerOf } from "./provider.js";
import { fileOf, type ReadRequest, readRequest, snapshot } from "./request.js";
import { resume } from "./resume.js";
import { watch } from "./watch.js";

export interface Face {
  createClient(options?: ClientOptions): Client;
  preload(): Promise<void>;
}

/** What an entry exports, over its way to load the wasm and what only some calls need. */
export function createFace(runtime: Runtime<ClientGlue>, parts: Parts): Face {
  return { createClient: (options) => createClient(runtime, parts, options), preload: () => runtime.preload() };
}

function createClient(runtime: Runtime<ClientGlue>, parts: Parts, options: ClientOptions = {}): Client {
  checkOptions(options);
  const provider = providerOf(options);
  const fetch: Fetch = options.fetch ?? ownFetch;
  const senders = new WeakMap<object, Fetch>(); // bodies that have a way of their own to be sent
  const send: Fetch = (input, init) => (senders.get(init?.body as object) ?? fetch)(input, init);
  const engine = createEngine(runtime, {
    ...options,
    limits: plainOption("limits", options.limits),
    budget: plainOption("budget", options.budget),
    fetch: send,
    onEvent: options.onEvent && guard(options.onEvent),
  });
  const { run } = engine;
  const call = (method: Method, given?: unknown, more?: unknown, options?: EngineOptions) =>
    rejectAsLumaError(options, () => run(method, snapshot(given), snapshot(more), options));

  let files: ReturnType<typeof createMedia> | undefined;
  async function media() {
    const { createMedia } = await parts.media();
    files ??= createMedia({ ...options, provider, fetch, ownFetch: options.fetch, senders, run });
    return files;
  }
  const form = { short: options.validate !== false, fetches: provider === "useapi" };
  /** Calls the engine with a request, whose files are uploaded before. */
  const make = (method: Method, given: unknown, options: GenerateOptions = {}, run: Run = engine.run) =>
    rejectAsLumaError(options, async () => {
      const { body, pendingMedia } = readRequest(given, form);
      if (!pendingMedia.length) return run(method, body, undefined, options);
      const { onUpdate } = options;
      const filled = await (await media()).fill(body, pendingMedia, { ...options, ...(onUpdate && { onUpdate: guard(onUpdate) }) });
      return run(method, filled.body, undefined, filled.options);
    });
  /** Calls the engine with a request that is not sent: something stands in for each file. */
  const dryRun = (method: "Validate" | "Estimate", { body, pendingMedia }: ReadRequest) =>
    rejectAsLumaError(undefined, async () =>
      pendingMedia.length ? (await media()).dryRun(method, body, pendingMedia) : run(method, body),
    );

  const client: Client = {
    generate: (request, options) => make("Generate", request, options),
    generateAll: (requests, { budget, ...options } = {}) => {
      const run = engine.batch(budget);
      return createBatch(requests, options, (request, options) => make("Generate", request, options, run));
    },
    resume: (options) => resume(call, options),
    acknowledge: (target, options) => call("Acknowledge", target, undefined, options),
    create: (request, options) => make("Create", request, options),
    poll: (target, options) => call("Poll", target, undefined, options),
    watch: (target, options) => watch(client.poll, target, options),
    get: (id, options) => call("Get", id, undefined, options),
    delete: (id, options) => call("Delete", id, undefined, options),
    list: (options) => call("List", undefined, undefined, options),
    listAll: (options) => listAll(client.list, options),
    upscale: (id, request, options) => call("Upscale", id, request, options),
    addAudio: (id, request, options) => call("AddAudio", id, request, options),
    cameraMotions: (options) => call("CameraMotions", undefined, undefined, options),
    concepts: (options) => call("Concepts", undefined, undefined, options),
    credits: (options) => call("Credits", undefined, undefined, options),
    activeTasks: (options) => call("ActiveTasks", undefined, undefined, options),
    ping: (options) => call("Ping", undefined, undefined, options),
    validate: async (request) => {
      let read: ReadRequest;
      try {
        read = readRequest(request, form);
      } catch (error) {
        return (error as LumaError).problems;
      }
      return dryRun("Validate", read);
    },
    estimate: async (request) => dryRun("Estimate", readRequest(request, form)),
    accounts: {
      list: async (options) => Object.values(await call("Accounts", undefined, undefined, options)),
      get: (email, options) => call("Accounts", email ?? "", undefined, options), // no e-mail is not all of them
      add: (session, options) => call("AddAccount", session, undefined, options),
      remove: (email, options) => call("RemoveAccount", email, undefined, options),
    },
    files: {
      list: (options) => call("Files", undefined, undefined, options),
      listAll: (options) => listAllFiles(client.files.list, options),
      get: (file, options) => call("Files", file ?? "", undefined, options),
      delete: async (file, options) => {
        await call("RemoveFile", file, undefined, options);
        files?.forget(file);
      },
    },
    capabilities: () =>
      rejectAsLumaError(undefined, async () => {
        const { capabilities, schema2025 } = await parts.capabilities();
        return (options.schema === "2025" ? schema2025[provider] : undefined) ?? capabilities[provider];
      }),
    upload: async (given, options) => {
      const file = fileOf(given); // at once, as with requests
      const heard = options?.onProgress && { onProgress: guard(options.onProgress) };
      return rejectAsLumaError(options, async () => (await media()).upload(file, { ...options, ...heard }) as Promise<UploadReference>);
    },
    parseCallback: (posted, options) => rejectAsLumaError(options, () => parseCallback({ provider, run }, posted, options)),
    download: (generation, options) => download(fetch, client, generation, options),
  };
  return client;
}

/** How a request names a file. */
type UploadReference = Awaited<ReturnType<Client["upload"]>>;

/** What a task comes to; whatever is thrown in it becomes the one class of error. */
async function rejectAsLumaError<T>(options: { signal?: AbortSignal | undefined } | undefined, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (thrown) {
    throw toLumaError(thrown, options?.signal?.reason);
  }
}
