// What a request names of what was made before: a caller may build on its own generations and files alone.

import type { Own } from "../limits/account.js";
import type { Kind } from "../limits/rows.js";

export interface Reference {
  kind: Kind;
  id: string;
  /** Where the request names it. */
  path: string;
}

/** Where a request names what; the library takes the Agents API's own word for an earlier generation as well. */
const NAMES: Record<string, Kind | undefined> = { id: "generation", generation_id: "generation", file_id: "file" };

export function referencesOf(value: unknown, path = ""): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesOf(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]): Reference[] => {
    const at = path ? `${path}.${name}` : name;
    const kind = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    return kind && typeof inner === "string" ? [{ kind, id: inner, path: at }] : referencesOf(inner, at);
  });
}

/** The same by their kinds, each once. */
export function ownOf(references: readonly Reference[]): Own[] {
  return (["generation", "file"] as const).flatMap((kind) => {
    const ids = new Set(references.filter((reference) => reference.kind === kind).map(({ id }) => id));
    return ids.size ? [{ kind, ids: [...ids] }] : [];
  });
}
