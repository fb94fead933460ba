// The face of the client: bound methods that give promises, over one wasm instance that is made when first needed.

import { createBatch } from "./batch.js";
import { download } from "./download.js";
import { LumaError, toLumaError } from "./error.js";
import { ownFetch } from "./own-fetch.js";
import { fileOf, readRequest, snapshot } from "./request.js";
import { PROVIDERS, providerOf } from "./runtimes.js";

export { LumaError };

/** What `createClient` takes. An option that is not known is refused: a budget that is not kept is worse than none. */
const OPTIONS = [
  "provider",
  "apiKey",
  "baseUrl",
  "fetch",
  "timeout",
  "maxRetries",
  "limits",
  "budget",
  "store",
  "whenLost",
  "validate",
  "unsupported",
  "schema",
  "legacyPath",
  "upload",
  "clock",
  "onEvent",
];

/** What a store does. */
const STORE = ["getAll", "put", "delete"];

/** @param {(provider: string) => { run: (task: (wasm: object) => unknown) => Promise<unknown> }} runtimeFor */
export function createFace(runtimeFor) {
  function createClient(options = {}) {
    for (const name of Object.keys(options)) {
      if (!OPTIONS.includes(name)) throw invalid(name, "unsupported", `is not an option of createClient: ${OPTIONS.join(", ")}`);
    }
    if (options.provider !== undefined && !PROVIDERS.includes(options.provider)) {
      throw invalid("provider", "invalid_value", `must be one of ${PROVIDERS.join(", ")}`);
    }
    const provider = providerOf(options);
    const runtime = runtimeFor(provider);
    if (options.store && STORE.some((name) => typeof options.store[name] !== "function")) {
      throw invalid("store", "invalid_type", `must have the functions ${STORE.join(", ")}`);
    }
    const fetch = options.fetch ?? ownFetch;
    const senders = new WeakMap(); // files that have a way of their own to be sent
    const settings = { ...options, fetch: (input, init) => (senders.get(init.body) ?? fetch)(input, init), onEvent: guard(options.onEvent) };

    const clientOf = oncePerInstance((wasm) => new wasm.Client({ ...settings, complete: wasm.complete }));
    /** Calls the wasm with JSON that nobody else holds. */
    const run = (method, subject, request, { onUpdate, ...options } = {}, of = clientOf) =>
      runtime.run((wasm) => {
        const client = of(wasm);
        return new Promise((resolve, reject) => client.call(wasm.Method[method], subject, request, { ...options, onUpdate: guard(onUpdate), resolve, reject }));
      });
    const call = (method, given, more, options) => luma(options, () => run(method, snapshot(given), snapshot(more), options));

    /** What is needed for files alone is loaded when there is one. */
    let files;
    async function media() {
      const { createMedia } = await import("./media.js");
      return (files ??= createMedia({ ...options, provider, fetch, ownFetch: options.fetch, senders, run }));
    }
    const form = { short: options.validate !== false, fetches: provider === "useapi" };
    /** Calls the wasm with a request, whose files are handed over before. */
    const make = (method, given, options, of) =>
      luma(options, async () => {
        const { body, aside } = readRequest(given, form);
        if (!aside.length) return run(method, body, undefined, options, of);
        const filled = await (await media()).fill(body, aside, { ...options, onUpdate: guard(options?.onUpdate) });
        return run(method, filled.body, undefined, filled.options, of);
      });
    /** Calls the wasm with a request that is not sent: something stands in for each file. */
    const judge = (method, { body, aside }) => luma(undefined, async () => (aside.length ? (await media()).judge(method, body, aside) : run(method, body)));

    const client = {
      generate: (request, options) => make("Generate", request, options),
      generateAll: (requests, { budget, ...options } = {}) => {
        const batchOf = oncePerInstance((wasm) => clientOf(wasm).batch(budget));
        return createBatch(requests, options, (request, options) => make("Generate", request, options, batchOf));
      },
      resume: async ({ signal, timeout, onUpdate } = {}) => {
        const tickets = await call("Tickets", undefined, undefined, { signal });
        return tickets.map(({ error, ...info }) => {
          const told = onUpdate && ((update) => onUpdate(update, info.ticket));
          const done = error ? Promise.reject(toLumaError(error)) : call("Resume", info.ticket, undefined, { signal, timeout, onUpdate: told });
          done.catch(() => {}); // whoever does not look at one is not to be ended by it
          return { ...info, done };
        });
      },
      create: (request, options) => make("Create", request, options),
      poll: (target, options) => call("Poll", target, undefined, options),
      watch: (target, options) => watch(client, target, options),
      get: (id, options) => call("Get", id, undefined, options),
      delete: (id, options) => call("Delete", id, undefined, options),
      list: (options) => call("List", undefined, undefined, options),
      listAll: (options) => listAll(client, options),
      upscale: (id, request, options) => call("Upscale", id, request, options),
      addAudio: (id, request, options) => call("AddAudio", id, request, options),
      cameraMotions: (options) => call("CameraMotions", undefined, undefined, options),
      concepts: (options) => call("Concepts", undefined, undefined, options),
      credits: (options) => call("Credits", undefined, undefined, options),
      activeTasks: (options) => call("ActiveTasks", undefined, undefined, options),
      ping: (options) => call("Ping", undefined, undefined, options),
      validate: async (request) => {
        let read;
        try {
          read = readRequest(request, form);
        } catch ({ problems }) {
          return problems;
        }
        return judge("Validate", read);
      },
      estimate: async (request) => judge("Estimate", readRequest(request, form)),
      accounts: {
        list: async (options) => Object.values(await call("Accounts", undefined, undefined, options)),
        get: (email, options) => call("Accounts", email ?? "", undefined, options), // nobody is not all of them
        add: (session, options) => call("AddAccount", session, undefined, options),
        remove: (email, options) => call("RemoveAccount", email, undefined, options),
      },
      files: {
        list: (options) => call("Files", undefined, undefined, options),
        listAll: (options) => allFiles(client, options),
        get: (file, options) => call("Files", file ?? "", undefined, options),
        delete: async (file, options) => {
          await call("RemoveFile", file, undefined, options);
          files?.forget(file);
        },
      },
      abilities: async () => {
        const { default: all, schema2025 } = await import("./abilities.js");
        return options.schema === "2025" ? (schema2025[provider] ?? all[provider]) : all[provider];
      },
      upload: async (given, options) => {
        const file = fileOf(given); // at once, as with requests
        return luma(options, async () => (await media()).upload(file, { ...options, onProgress: guard(options?.onProgress) }));
      },
      parseCallback: (posted, options) => luma(options, async () => (await import("./posted.js")).readPosted({ provider, run }, posted, options)),
      download: (generation, options) => download(fetch, client, generation, options),
    };
    return client;
  }
  return { createClient };
}

function invalid(path, code, message) {
  return new LumaError({ code: "invalid_request", message: `createClient: ${path}: ${message}`, problems: [{ path, code, message }], retryable: false });
}

/** What belongs to a wasm instance: a trap ends an instance and all that it made. */
function oncePerInstance(make) {
  const made = new WeakMap();
  return (wasm) => {
    if (!made.has(wasm)) made.set(wasm, make(wasm));
    return made.get(wasm);
  };
}

/** What a task comes to; whatever is thrown in it becomes the one class of error. */
async function luma(options, task) {
  try {
    return await task();
  } catch (thrown) {
    throw toLumaError(thrown, options?.signal?.reason);
  }
}

/** A listener's own exception must cost nobody a job: it is shown and goes no further. */
function guard(listener) {
  if (!listener) return undefined;
  return (value) => {
    try {
      listener(value);
    } catch (error) {
      console.error(error);
    }
  };
}

/** Updates as they come; ends when the job is done, throws what `poll` would. Leaving the loop ends the waiting. */
async function* watch(client, target, { signal, ...options } = {}) {
  const leave = new AbortController();
  const abort = () => leave.abort(signal.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const updates = [];
  let wake;
  let done = false;
  let told = false;
  const end = () => {
    done = true;
    wake?.();
  };
  const polling = client.poll(target, {
    ...options,
    signal: leave.signal,
    onUpdate: (update) => {
      updates.push(update);
      wake?.();
    },
  });
  polling.then(end, end);
  try {
    for (;;) {
      for (; updates.length; told = true) yield updates.shift();
      if (done) break;
      await new Promise((resolve) => (wake = resolve));
    }
    const last = await polling;
    // A job that was done before anybody looked has had no update.
    if (!told) yield { ...last, progress: { elapsed: 0, expected: 0, confidence: 0 } };
  } finally {
    signal?.removeEventListener("abort", abort);
    leave.abort();
  }
}

/** All pages. A job made meanwhile moves the others down a page; none is given twice. */
async function* listAll(client, { limit = 100, ...options } = {}) {
  const seen = new Set();
  let offset = 0;
  for (;;) {
    const page = await client.list({ ...options, limit, offset });
    for (const generation of page.generations) {
      if (!seen.has(generation.id)) yield generation;
      seen.add(generation.id);
    }
    if (!page.has_more || page.generations.length === 0) return;
    offset += page.generations.length;
  }
}

/** All files, page by page. */
async function* allFiles(client, { limit = 100, ...options } = {}) {
  for (let more = true; more; ) {
    const { files, has_more, next_cursor } = await client.files.list({ ...options, limit });
    yield* files;
    more = has_more && next_cursor && next_cursor !== options.cursor;
    options.cursor = next_cursor;
  }
}
