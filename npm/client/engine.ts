// The engine behind one client: made in the wasm when the first call needs it, and again should its instance die.

import { type Clock, holdOf } from "../common/clock.js";
import type { ErrorData } from "../common/error.js";
import type {
  ActiveTasks,
  Budget,
  Credits,
  Estimate,
  FilePage,
  Generation,
  Page,
  Problem,
  TicketInfo,
  UploadedFile,
} from "../generated/types.js";
import type { Reference } from "../media/types.js";
import type { Store } from "../stores/store.js";
import type { Account } from "../types/api.js";
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

/** What each method gives, by the engine's own types. This is the one place where that is claimed (see `src/web/dispatch.rs`). */
export interface Results {
  Generate: Generation;
  Create: Generation;
  Poll: Generation;
  Get: Generation;
  Delete: undefined;
  List: Page;
  Upscale: Generation;
  AddAudio: Generation;
  CameraMotions: string[];
  Concepts: string[];
  Credits: Credits;
  ActiveTasks: ActiveTasks;
  Ping: string | undefined;
  Validate: Problem[];
  Estimate: Estimate;
  Tickets: (TicketInfo & { error?: ErrorData })[];
  Resume: Generation;
  Acknowledge: undefined;
  /** All of them by their e-mail, or the one that was asked for. */
  Accounts: Record<string, Account> & Account;
  AddAccount: Account & { created?: boolean };
  RemoveAccount: unknown;
  Callback: Generation;
  Upload: Reference;
  /** A page of them, or the one that was asked for. */
  Files: FilePage & UploadedFile;
  RemoveFile: unknown;
}

/** Calls the engine with JSON that no one else holds. */
export type Run = <M extends Method>(method: M, subject?: unknown, request?: unknown, options?: EngineOptions) => Promise<Results[M]>;

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
