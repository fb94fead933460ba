// The files of a generation: each address once, wherever it stands, in an order that is the same each time the provider is asked.

import type { Generation } from "luma-edge";

export interface File {
  /** What the provider calls it: `video`, `image`, `exr`. */
  kind: string;
  url: string;
}

export function filesOf({ assets, outputs = [] }: Pick<Generation, "assets" | "outputs">): File[] {
  const found = new Map<string, File>();
  const add = (kind: string, url: string | undefined) => {
    if (url !== undefined && /^https?:/i.test(url) && !found.has(url)) found.set(url, { kind, url });
  };
  for (const [kind, url] of Object.entries(assets)) add(kind, url);
  for (const { kind, url } of outputs) add(kind, url);
  return [...found.values()];
}

/** The same generation with other addresses for its files. */
export function withAddresses(generation: Generation, addressOf: (url: string) => string): Generation {
  const { assets, outputs } = generation;
  return {
    ...generation,
    assets: Object.fromEntries(Object.entries(assets).map(([kind, url]) => [kind, url && addressOf(url)])),
    ...(outputs && { outputs: outputs.map((output) => ({ ...output, url: addressOf(output.url) })) }),
  };
}
