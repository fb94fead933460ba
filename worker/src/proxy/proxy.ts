// The gates of a request, in their order: which page, who calls, which operation, how often, and whether what it is about is the caller's own.

import { authorized } from "../auth/authorize.js";
import { enter } from "../auth/enter.js";
import type { CallerRequest } from "../caller-request.js";
import { upstreamOf } from "../env.js";
import type { Call } from "./call.js";
import { create } from "./create.js";
import { upload } from "./files.js";
import { forward } from "./forward.js";
import { type Does, operationOf, queryOf } from "./operations.js";
import { parsePath } from "./path.js";
import { list, listFiltered, read } from "./read.js";
import { recall } from "./recall.js";

const DO: Record<Does, (call: Call) => Promise<Response>> = {
  create,
  derive: create,
  recall,
  read,
  list,
  remove: (call) => forward(call),
  lookup: (call) => forward(call),
  upload,
  file: (call) => forward(call),
  files: (call) => listFiltered(call, "file"),
  "remove-file": (call) => forward(call),
};

/** @throws {Refusal} */
export async function proxy(incoming: CallerRequest): Promise<Response> {
  const { request, env, settings, line } = incoming;
  const caller = await authorized(incoming);
  line.caller = caller.name;
  const { pathname, searchParams } = new URL(request.url);
  const { provider, parts } = parsePath(pathname, settings.defaultProvider);
  line.provider = provider;
  const { operation, id } = operationOf(provider, request.method, parts);
  line.route = `/luma/${provider}/${operation.path}`;
  const query = queryOf(operation, searchParams);
  upstreamOf(env, provider); // a key is there
  const own =
    id === undefined || operation.does === "recall"
      ? []
      : [
          {
            kind: operation.path.startsWith("files/") ? ("file" as const) : ("generation" as const),
            ids: [id],
            read: operation.does === "read",
          },
        ];
  await enter(env, settings, caller, provider, own);
  return DO[operation.does]({ ...incoming, caller, provider, operation, query, ...(id !== undefined && { id }) });
}
