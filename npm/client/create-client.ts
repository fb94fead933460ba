// The face of the client: bound methods that give promises, over a wasm instance that is made when a call first needs it.

import { parseCallback } from "../callbacks/parse.js";
import { holdOf } from "../common/clock.js";
import { type LumaError, rejectAsLumaError } from "../common/error.js";
import { guard } from "../common/guard.js";
import type { Fetch } from "../fetch/fetch.js";
import { classifyFailures } from "../fetch/fetch-failure.js";
import { ownFetch, RESENDS } from "../fetch/own-fetch.js";
import type { createMedia } from "../media/media.js";
import type { Client } from "../types/api.js";
import type { ClientOptions, GenerateOptions } from "../types/options.js";
import type { ClientGlue } from "../wasm/client.js";
import type { Runtime } from "../wasm/instance.js";
import { isCrossOrigin } from "./base-url.js";
import { createBatch } from "./batch.js";
import { checkCall, checkOptions, plainOption } from "./check-options.js";
import { createEngine, type EngineOptions, type Method, type Results, type Run } from "./engine.js";
import { listAll, listAllFiles } from "./list-all.js";
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

function createClient(runtime: Runtime<ClientGlue>, parts: Parts, given?: ClientOptions): Client {
  const options = checkOptions(given);
  const provider = providerOf(options);
  const fetch = options.fetch ? classifyFailures(options.fetch, !RESENDS) : classifyFailures(ownFetch, true);
  const senders = new WeakMap<object, Fetch>(); // bodies that have a way of their own to be sent
  const send: Fetch = (input, init) => (senders.get(init?.body as object) ?? fetch)(input, init);
  const hold = holdOf(options.clock);
  const engine = createEngine(runtime, {
    ...options,
    // Else the engine asks the server.
    idempotencyKeys: options.idempotencyKeys ?? (isCrossOrigin(options.baseUrl ?? "") ? undefined : true),
    limits: plainOption("limits", options.limits),
    budget: plainOption("budget", options.budget),
    fetch: send,
    onEvent: options.onEvent && guard(options.onEvent),
  });
  const { run } = engine;
  /** Calls the engine; `name` is what callers know the method by. */
  const call = <M extends Method>(method: M, given?: unknown, options?: EngineOptions, more?: unknown, name = nameOf(method)) =>
    rejectAsLumaError(options, () => run(method, snapshot(given), snapshot(more), checkCall(name, options)));

  let files: ReturnType<typeof createMedia> | undefined;
  async function media() {
    const { createMedia } = await hold(parts.media());
    files ??= createMedia({ ...options, provider, fetch, ownFetch: options.fetch, senders, run, hold });
    return files;
  }
  const form = { checked: options.validate !== false, fetches: provider === "useapi" };
  /** Calls the engine with a request, whose files are uploaded before. */
  const make = (method: "Generate" | "Create", given: unknown, more: GenerateOptions | undefined, run: Run = engine.run) =>
    rejectAsLumaError(more, async () => {
      const options = checkCall(nameOf(method), more);
      const { body, pendingMedia } = readRequest(given, form);
      if (!pendingMedia.length) return run(method, body, undefined, options);
      const { onUpdate } = options;
      const filled = await (await media()).fill(body, pendingMedia, { ...options, ...(onUpdate && { onUpdate: guard(onUpdate) }) });
      return run(method, filled.body, undefined, filled.options);
    });
  /** Calls the engine with a request about a job. */
  const derive = (method: "Upscale" | "AddAudio", id: unknown, given: unknown, options?: EngineOptions) =>
    rejectAsLumaError(options, () => run(method, snapshot(id), readRequest(given, form).body, checkCall(nameOf(method), options)));
  /** Calls the engine with a request that is not sent: something stands in for each file. */
  const dryRun = <M extends "Validate" | "Estimate">(method: M, { body, pendingMedia }: ReadRequest) =>
    rejectAsLumaError(undefined, async () =>
      pendingMedia.length ? ((await media()).dryRun(method, body, pendingMedia) as Promise<Results[M]>) : run(method, body),
    );

  const client: Client = {
    generate: (request, options) => make("Generate", request, options),
    generateAll: (requests, options) =>
      createBatch(requests, () => {
        const { budget, ...rest } = checkCall("generateAll", options);
        const run = engine.batch(budget);
        return { options: rest, generate: (request, options) => make("Generate", request, options, run) };
      }),
    resume: (options) => rejectAsLumaError(options, () => resume(run, checkCall("resume", options))),
    // An empty id names nothing: it is not one whose ticket is gone already.
    acknowledge: (target, options) => call("Acknowledge", ((target as Named)?.id ?? target) === "" ? undefined : target, options),
    create: (request, options) => make("Create", request, options),
    poll: (target, options) => call("Poll", target, options),
    watch: (target, options) => watch(client.poll, target, () => checkCall("watch", options)),
    get: (id, options) => call("Get", id, options),
    delete: (id, options) => call("Delete", id, options),
    list: (options) => call("List", undefined, options),
    listAll: (options) => listAll(client.list, () => checkCall("listAll", options)),
    upscale: (id, request, options) => derive("Upscale", id, request, options),
    addAudio: (id, request, options) => derive("AddAudio", id, request, options),
    cameraMotions: (options) => call("CameraMotions", undefined, options),
    concepts: (options) => call("Concepts", undefined, options),
    credits: (options) => call("Credits", undefined, options),
    activeTasks: (options) => call("ActiveTasks", undefined, options),
    ping: (options) => call("Ping", undefined, options),
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
      list: async (options) => Object.values(await call("Accounts", undefined, options)),
      get: (email, options) => call("Accounts", email ?? "", options), // no e-mail is not all of them
      add: (session, options) => call("AddAccount", session, options),
      remove: (email, options) => call("RemoveAccount", email, options),
    },
    files: {
      list: (options) => call("Files", undefined, options, undefined, "files.list"),
      listAll: (options) => listAllFiles(client.files.list, () => checkCall("files.listAll", options)),
      get: (file, options) => call("Files", file ?? "", options),
      delete: async (file, options) => {
        await call("RemoveFile", file, options);
        files?.forget(file as { id?: string; file_id?: string } | string);
      },
    },
    capabilities: () =>
      rejectAsLumaError(undefined, async () => {
        const { capabilities, schema2025 } = await parts.capabilities();
        return (options.schema === "2025" ? schema2025[provider] : undefined) ?? capabilities[provider];
      }),
    upload: async (given, more) => {
      const file = fileOf(given); // at once, as with requests
      return rejectAsLumaError(more, async () => {
        const options = checkCall("upload", more);
        const heard = options.onProgress && { onProgress: guard(options.onProgress) };
        return (await media()).upload(file, { ...options, ...heard }) as Promise<UploadReference>;
      });
    },
    parseCallback: (posted, options) =>
      rejectAsLumaError(options, async () => parseCallback({ provider, run }, posted, checkCall("parseCallback", options))),
    download: (generation, options) =>
      rejectAsLumaError(options, async () => {
        const checked = checkCall("download", options);
        return (await parts.media()).download(fetch, client, generation, checked);
      }),
  };
  return client;
}

const nameOf = (method: Method): string => method.charAt(0).toLowerCase() + method.slice(1);

type Named = { id?: string } | undefined;

/** How a request names a file. */
type UploadReference = Awaited<ReturnType<Client["upload"]>>;
