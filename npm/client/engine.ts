// The engine behind one client: made in the wasm when the first call needs it, and again should its instance die.

import { type Clock, holdOf } from "../common/clock.js";
import type { Budget } from "../generated/types.js";
import type { Store } from "../stores/store.js";
import type { Update } from "../types/updates.js";
import type { ClientGlue } from "../wasm/client.js";
import type { OnDeath, Runtime } from "../wasm/instance.js";
import { plainOption } from "./check-options.js";
import { instanceStore } from "./instance-store.js";
import { createProgressReporter } from "./progress.js";

/** What the engine does, by the names of its enum. */
export type Method = keyof ClientGlue["Method"];

type WasmClient = InstanceType<ClientGlue["Client"]>;

/** Options that many calls have; each method also reads its own. */
export interface EngineOptions {
  signal?: AbortSignal | undefined;
  onUpdate?: ((update: Update) => void) | undefined;
  timeout?: number | undefined;
  progressInterval?: number | undefined;
}

/**
 * Calls the engine with JSON that no one else holds. What it gives depends on the method, and is an `any` for that: the engine's own
 * types say what each returns.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Run = (method: Method, subject?: unknown, request?: unknown, options?: EngineOptions) => Promise<any>;

export interface Engine {
  run: Run;
  /** The same engine with a budget within its own. */
  batch(budget: Budget | undefined): Run;
}

type EngineSettings = Record<string, unknown> & { store?: Store | undefined; clock?: Clock | undefined };

export function createEngine(runtime: Runtime<ClientGlue>, settings: EngineSettings): Engine {
  const { store, clock } = settings;
  const hold = holdOf(clock);
  const clientOf = oncePerInstance(
    (glue, onDeath) => new glue.Client({ ...settings, store: store && instanceStore(store, onDeath, hold) }),
  );
  const runOn =
    (of: MakeClient): Run =>
    async (method, subject, request, { onUpdate, progressInterval, ...options } = {}) => {
      if (clock?.hold) await hold(runtime.preload());
      const reporter = onUpdate && createProgressReporter(onUpdate, progressInterval, clock);
      try {
        return await runtime.run((glue, onDeath) =>
          of(glue, onDeath).call(glue.Method[method], subject, request, { ...options, onUpdate: reporter?.report }),
        );
      } finally {
        reporter?.stop();
      }
    };
  return {
    run: runOn(clientOf),
    batch: (budget) => runOn(oncePerInstance((glue, onDeath) => clientOf(glue, onDeath).batch(plainOption("budget", budget)))),
  };
}

type MakeClient = (glue: ClientGlue, onDeath: OnDeath) => WasmClient;

/** What belongs to a wasm instance: a trap ends an instance and all that it made. */
function oncePerInstance(make: MakeClient): MakeClient {
  const made = new WeakMap<ClientGlue, WasmClient>();
  return (glue, onDeath) => {
    let client = made.get(glue);
    if (!client) {
      client = make(glue, onDeath);
      made.set(glue, client);
    }
    return client;
  };
}
