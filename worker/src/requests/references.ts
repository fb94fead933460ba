// What a request names of what was made before: a caller may build on its own generations and files alone.

import type { Own } from "../limits/account.js";

/** Where a request names what; the library takes the Agents API's own word for an earlier generation as well. */
const NAMES = { id: "generation", generation_id: "generation", file_id: "file" } as const;

export function referencesOf(request: unknown): Own[] {
  const found = { generation: new Set<string>(), file: new Set<string>() };
  collect(request, found);
  return (["generation", "file"] as const).flatMap((kind) => (found[kind].size ? [{ kind, ids: [...found[kind]] }] : []));
}

function collect(value: unknown, found: Record<"generation" | "file", Set<string>>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string" && Object.hasOwn(NAMES, name)) found[NAMES[name as keyof typeof NAMES]].add(inner);
    else collect(inner, found);
  }
}
