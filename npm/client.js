// The face of the client: bound methods that give promises, over one wasm instance that is made when first needed.

import { createBatch } from "./batch.js";
import { download } from "./download.js";
import { LumaError, toLumaError } from "./error.js";
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
    // Looked up at each call and called as a function of nobody: a stored global fetch is an "Illegal invocation".
    const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    const settings = { ...options, fetch: (input, init) => fetch(input, init), onEvent: guard(options.onEvent) };

    const clientOf = oncePerInstance((wasm) => new wasm.Client(settings));
    async function call(method, given, more, { onUpdate, ...options } = {}, of = clientOf) {
      try {
        const subject = snapshot(given);
        const request = snapshot(more);
        return await runtime.run((wasm) => {
          const client = of(wasm);
          return new Promise((resolve, reject) => client.call(wasm.Method[method], subject, request, { ...options, onUpdate: guard(onUpdate), resolve, reject }));
        });
      } catch (thrown) {
        throw toLumaError(thrown, options.signal?.reason);
      }
    }

    const client = {
      generate: (request, options) => call("Generate", request, undefined, options),
      generateAll: (requests, { budget, ...options } = {}) => {
        const batchOf = oncePerInstance((wasm) => clientOf(wasm).batch(budget));
        return createBatch(requests, options, (request, options) => call("Generate", request, undefined, options, batchOf));
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
      create: (request, options) => call("Create", request, undefined, options),
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
      ping: (options) => call("Ping", undefined, undefined, options),
      validate: async (request) => {
        try {
          snapshot(request);
        } catch ({ problems }) {
          return problems;
        }
        return call("Validate", request);
      },
      estimate: (request) => call("Estimate", request),
      accounts: {
        list: async (options) => Object.values(await call("Accounts", undefined, undefined, options)),
        get: (email, options) => call("Accounts", email, undefined, options),
        add: (session, options) => call("AddAccount", session, undefined, options),
        remove: (email, options) => call("RemoveAccount", email, undefined, options),
      },
      abilities: async () => (await import("./abilities.js")).default[provider],
      upload: async (file) => {
        if (options.upload) return options.upload(file);
        throw new LumaError({
          code: "unsupported",
          message: "The Dream Machine API takes no uploads, only public addresses: give createClient an `upload` that stores a file and returns its address",
        });
      },
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

/** A copy as JSON, taken at once: what is checked is what is sent, whatever the caller changes meanwhile. */
function snapshot(value) {
  try {
    const text = JSON.stringify(value);
    return text && JSON.parse(text);
  } catch (cause) {
    const problem = { path: "", code: "invalid_type", message: `must be plain JSON: ${cause.message}` };
    throw new LumaError({ code: "invalid_request", message: `The request was not sent: it ${problem.message}`, problems: [problem], retryable: false, cause });
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
