// The jobs on a page of a provider's list, wherever that provider puts them.

import type { ProviderId } from "luma-edge";
import { type Body, isBody } from "../requests/fields.js";

const LISTS: Partial<Record<ProviderId, { paths: string[][]; ids: string[] }>> = {
  "dream-machine": { paths: [["generations"]], ids: ["id"] },
  agents: { paths: [["data"]], ids: ["id"] }, // of files; it lists no jobs
  useapi: { paths: [["jobs"], ["items"], []], ids: ["jobid", "jobId"] },
  piapi: { paths: [["data", "data"], ["data", "tasks"], ["data"]], ids: ["task_id", "id"] },
};

export interface Rows {
  rows: { id: string; row: unknown }[];
  /** The page with these rows alone, and without a count of all. */
  with(rows: readonly unknown[]): unknown;
}

/** None where the page has no list in any place that is known: then nothing of it may be shown. */
export function rowsOf(provider: ProviderId, page: unknown): Rows | undefined {
  const { paths, ids } = LISTS[provider] ?? { paths: [], ids: [] };
  for (const path of paths) {
    const list = path.reduce<unknown>((at, name) => (isBody(at) ? at[name] : undefined), page);
    if (!Array.isArray(list)) continue;
    const rows = list.flatMap((row) => {
      const name = isBody(row) ? ids.find((name) => typeof row[name] === "string") : undefined;
      return name ? [{ id: (row as Body)[name] as string, row }] : [];
    });
    return { rows, with: (kept) => replaced(page, path, kept) };
  }
  return undefined;
}

/** What tells how much all callers have. */
const COUNTS = ["count", "total", "executing"];

function replaced(at: unknown, [name, ...rest]: readonly string[], rows: readonly unknown[]): unknown {
  if (name === undefined) return rows;
  const copy = { ...(at as Body) };
  for (const count of COUNTS) if (typeof copy[count] === "number") delete copy[count];
  return { ...copy, [name]: replaced(copy[name], rest, rows) };
}
