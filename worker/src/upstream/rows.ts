// The jobs on a page of a provider's list, wherever that provider puts them, and the page with only some of them.

import type { ProviderId } from "luma-edge";
import { type Body, isBody } from "../requests/fields.js";

interface List {
  paths: string[][];
  ids: string[];
  /** A row that fits no request. Of one without a request the library would read the job: Dream Machine's has one of a form that is not its. */
  unfit?: (row: Body) => Body;
}

const LISTS: Partial<Record<ProviderId, List>> = {
  "dream-machine": { paths: [["generations"]], ids: ["id"], unfit: (row) => ({ ...row, request: { generation_type: "layering" } }) },
  agents: { paths: [["data"]], ids: ["id"] }, // of files; it lists no jobs
  useapi: { paths: [["jobs"], ["items"], []], ids: ["jobid", "jobId"] },
  piapi: { paths: [["data", "data"], ["data", "tasks"], ["data"]], ids: ["task_id", "id"], unfit: (row) => ({ ...row, input: {} }) },
};

export interface Rows {
  ids: string[];
  /** The page with the rows of these ids alone, and without a count of all. */
  of(ids: ReadonlySet<string>): unknown;
  /**
   * The page with rows in the place of those of these ids that fit no request, and still count to whoever reads on to the list's end. A list
   * that is one page goes without them.
   */
  without(ids: ReadonlySet<string>): unknown;
}

/** None where the page has no list in any place that is known: then nothing of it may be shown. */
export function rowsOf(provider: ProviderId, page: unknown): Rows | undefined {
  const { paths, ids, unfit } = LISTS[provider] ?? { paths: [], ids: [] };
  const idOf = (row: unknown) => (isBody(row) ? ids.map((name) => row[name]).find((id) => typeof id === "string") : undefined);
  for (const path of paths) {
    const list = path.reduce<unknown>((at, name) => (isBody(at) ? at[name] : undefined), page);
    if (!Array.isArray(list)) continue;
    const isOneOf = (some: ReadonlySet<string>) => (row: unknown) => some.has(idOf(row) ?? "");
    return {
      ids: list.flatMap((row) => idOf(row) ?? []),
      of: (own) => replaced(page, path, list.filter(isOneOf(own)), COUNTS),
      without(others) {
        const isOther = isOneOf(others);
        return replaced(
          page,
          path,
          list.flatMap((row) => (isOther(row) ? (unfit?.(row as Body) ?? []) : [row])),
        );
      },
    };
  }
  return undefined;
}

/** Fields that reveal how much all callers have. */
const COUNTS = ["count", "total", "executing"];

function replaced(at: unknown, [name, ...rest]: readonly string[], rows: readonly unknown[], hidden: readonly string[] = []): unknown {
  if (name === undefined) return rows;
  const copy = { ...(at as Body) };
  for (const count of hidden) if (typeof copy[count] === "number") delete copy[count];
  return { ...copy, [name]: replaced(copy[name], rest, rows, hidden) };
}
