// The engine behind one client: made in the wasm when the first call needs it, and again should its instance die.

import type { Budget } from "../generated/types.js";
import type { ClientGlue } from "../wasm/client.js";
import type { Runtime } from "../wasm/instance.js";
import { guard } from "./guard.js";
import type { Update } from "./updates.js";

/** What the engine does, by the names of its enum. */
export type Method = keyof ClientGlue["Method"];

type WasmClient = InstanceType<ClientGlue["Client"]>;

/** Options that many calls have; beside them each method reads its own. */
export interface EngineOptions {
  signal?: AbortSignal | undefined;
  onUpdate?: ((update: Update) => void) | undefined;
  timeout?: number | undefined;
}

/**
 * Calls the engine with JSON that nobody else holds. What it gives depends on the method, and is an `any` for that: the engine's own
 * types tell what comes of each.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Run = (method: Method, subject?: unknown, request?: unknown, options?: EngineOptions) => Promise<any>;

export interface Engine {
  run: Run;
  /** The same engine with a budget within its own. */
  batch(budget: Budget | undefined): Run;
}

export function createEngine(runtime: Runtime<ClientGlue>, settings: object): Engine {
  const clientOf = oncePerInstance((glue) => new glue.Client(settings));
  const runOn =
    (of: (glue: ClientGlue) => WasmClient): Run =>
    (method, subject, request, { onUpdate, ...options } = {}) =>
      runtime.run((glue) => of(glue).call(glue.Method[method], subject, request, { ...options, onUpdate: onUpdate && guard(onUpdate) }));
  return {
    run: runOn(clientOf),
    batch: (budget) => runOn(oncePerInstance((glue) => clientOf(glue).batch(budget))),
  };
}

/** What belongs to a wasm instance: a trap ends an instance and all that it made. */
function oncePerInstance(make: (glue: ClientGlue) => WasmClient): (glue: ClientGlue) => WasmClient {
  const made = new WeakMap<ClientGlue, WasmClient>();
  return (glue) => {
    let client = made.get(glue);
    if (!client) {
      client = make(glue);
      made.set(glue, client);
    }
    return client;
  };
}
