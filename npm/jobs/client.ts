// The client of a Worker's jobs: bound methods over HTTP. It needs no WebAssembly, since the Worker does Luma's part.

import { optionsOf } from "../client/check-options.js";
import type { LumaError } from "../common/error.js";
import { guard } from "../common/guard.js";
import { outcomeOf } from "./errors.js";
import { checked, idOf, listAll, pageOf, pathOf, read } from "./reads.js";
import { Server } from "./server.js";
import { submit } from "./submit.js";
import type { Job, JobOrId, JobsClient, JobsClientOptions } from "./types.js";
import { watch } from "./watch.js";

const CLIENT = ["baseUrl", "token", "headers", "fetch", "clock"] as const satisfies readonly (keyof JobsClientOptions)[];

/** What each call takes. */
const CALLS = {
  submit: ["signal", "provider", "webhook", "label", "idempotencyKey"],
  get: ["signal"],
  list: ["signal", "limit", "cursor", "state", "label"],
  listAll: ["signal", "limit", "state", "label"],
  watch: ["signal"],
  wait: ["signal", "onUpdate"],
  cancel: ["signal"],
} as const satisfies Record<keyof JobsClient, readonly string[]>;

/**
 * Makes a client of the jobs of a Worker. Nothing is sent before the first call.
 *
 * ```js
 * const jobs = createJobsClient({ token });
 * const { id } = await jobs.submit({ model: "ray-3.2", prompt: "A tiger walking in snow" });
 * video.src = (await jobs.wait(id)).assets.video;
 * ```
 * @throws `invalid_request` for options that nothing can be sent with
 */
export function createJobsClient(options?: JobsClientOptions): JobsClient {
  const server = new Server(optionsOf(options, "createJobsClient", CLIENT));
  const checkedFor = <T extends object>(call: keyof JobsClient, given: T | undefined): T => optionsOf(given, call, CALLS[call]);

  return {
    submit: (async (given: unknown, options) => submit(server, given, checkedFor("submit", options))) as JobsClient["submit"],
    get: async (target, options) => read(server, target, checkedFor("get", options).signal),
    list: async (options) => pageOf(server, checkedFor("list", options)),
    listAll: async function* (options) {
      yield* listAll(server, checkedFor("listAll", options));
    },
    watch: async function* (targets, options) {
      yield* watch(server, idsOf(targets), checkedFor("watch", options).signal);
    },
    wait: async (target, options) => {
      const { signal, onUpdate } = checkedFor("wait", options);
      const notify = onUpdate && guard(onUpdate);
      let last: Job | undefined;
      for await (const job of watch(server, [idOf(target)], signal)) {
        last = job;
        notify?.(job);
      }
      return outcomeOf(last as Job);
    },
    cancel: async (target, options) => {
      const { signal } = checkedFor("cancel", options);
      const path = pathOf(target);
      try {
        return checked(await server.patiently(signal, () => server.json<Job>({ method: "DELETE", path }, signal)));
      } catch (error) {
        if ((error as LumaError).status !== 409) throw error;
        // It may be that the answer to a first try was lost.
        const job = await read(server, target, signal);
        if (job.state !== "cancelled") throw error;
        return job;
      }
    },
  };
}

function idsOf(targets: JobOrId | readonly JobOrId[] | undefined): string[] | undefined {
  if (targets === undefined) return undefined;
  return (Array.isArray(targets) ? targets : [targets]).map(idOf);
}
