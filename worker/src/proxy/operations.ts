// The operations allowed at each provider: all others are refused. What shows or changes the whole account (its balance, its
// other tasks, the sessions of useapi's accounts) is not in it.

import type { ProviderId } from "luma-edge";
import { Refusal } from "../refusal.js";

export interface Operation {
  method: "GET" | "POST" | "DELETE";
  /** `:id` is what the caller must own, or its key. */
  path: string;
  does: Does;
  /** The form of the address's query: each parameter once. */
  query?: Record<string, RegExp>;
}

/**
 * `create` and `derive` make a job, `recall` returns the outcome of one by its key, `read`, `list` and `remove` are about the caller's own,
 * `lookup` is about nobody's; the others do the same with files.
 */
export type Does = "create" | "derive" | "recall" | "read" | "list" | "remove" | "lookup" | "upload" | "file" | "files" | "remove-file";

const COUNT = /^\d{1,6}$/;

/** This server's own, at every provider: `:id` is an idempotency key. */
const RECALL: Operation = { method: "GET", path: "creations/:id", does: "recall" };

const OPERATIONS: Record<ProviderId, readonly Operation[]> = {
  "dream-machine": [
    ...[
      "generations",
      "generations/video",
      "generations/image",
      "generations/image/reframe",
      "generations/video/reframe",
      "generations/video/modify",
    ].map((path): Operation => ({ method: "POST", path, does: "create" })),
    { method: "POST", path: "generations/:id/upscale", does: "derive" },
    { method: "POST", path: "generations/:id/audio", does: "derive" },
    { method: "GET", path: "generations/camera_motion/list", does: "lookup" },
    { method: "GET", path: "generations/concepts/list", does: "lookup" },
    { method: "GET", path: "ping", does: "lookup" },
    { method: "GET", path: "generations", does: "list", query: { limit: COUNT, offset: COUNT } },
    { method: "GET", path: "generations/:id", does: "read" },
    { method: "DELETE", path: "generations/:id", does: "remove" },
  ],
  agents: [
    { method: "POST", path: "generations", does: "create" },
    { method: "GET", path: "generations/:id", does: "read" },
    { method: "POST", path: "files", does: "upload" },
    { method: "POST", path: "files/:id/complete", does: "file" },
    {
      method: "GET",
      path: "files",
      does: "files",
      query: { cursor: /^[\w=+/.:-]{1,500}$/, limit: COUNT, purpose: /^\w{1,40}$/, state: /^\w{1,40}$/ },
    },
    { method: "GET", path: "files/:id", does: "file" },
    { method: "DELETE", path: "files/:id", does: "remove-file" },
  ],
  useapi: [
    { method: "POST", path: "videos", does: "create" },
    { method: "POST", path: "images", does: "create" },
    { method: "GET", path: "jobs", does: "list" },
    { method: "GET", path: "jobs/:id", does: "read" },
  ],
  piapi: [
    { method: "POST", path: "api/v1/task", does: "create" },
    {
      method: "GET",
      path: "api/open/tasks/histories",
      does: "list",
      query: { model: /^luma$/, page: COUNT, page_size: COUNT },
    },
    { method: "GET", path: "api/v1/task/:id", does: "read" },
    { method: "DELETE", path: "api/v1/task/:id", does: "remove" },
  ],
};

export interface Asked {
  operation: Operation;
  id?: string;
}

/** @throws {Refusal} for what is not in the table */
export function operationOf(provider: ProviderId, method: string, parts: readonly string[]): Asked {
  const here = [RECALL, ...OPERATIONS[provider]].flatMap((operation) => {
    const match = matched(operation.path.split("/"), parts);
    return match ? [{ operation, ...match }] : [];
  });
  const found = here.find(({ operation }) => operation.method === method);
  if (found) return found;
  // The provider is named, since below /luma alone it may be another than the caller thinks.
  if (!here.length) throw new Refusal(404, "not_found", `${provider} has no such path.`);
  const methods = here.map(({ operation }) => operation.method);
  throw new Refusal(405, "method", `This path of ${provider} takes ${methods.join(" and ")} only.`);
}

function matched(pattern: readonly string[], parts: readonly string[]): { id?: string } | undefined {
  if (pattern.length !== parts.length) return undefined;
  let id: string | undefined;
  for (const [index, step] of pattern.entries()) {
    if (step === ":id") id = parts[index] as string;
    else if (step !== parts[index]) return undefined;
  }
  return id === undefined ? {} : { id };
}

/** The query as it goes on: known parameters, each in its form. @throws {Refusal} */
export function queryOf(operation: Operation, search: URLSearchParams): string {
  const query = new URLSearchParams();
  for (const [name, value] of search) {
    const form = operation.query && Object.hasOwn(operation.query, name) ? operation.query[name] : undefined;
    if (!form?.test(value) || query.has(name))
      throw new Refusal(400, "bad_request", "The address has a parameter that is not known here, or not in its form.");
    query.set(name, value);
  }
  return query.size ? `?${query}` : "";
}
