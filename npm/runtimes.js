// Two wasm modules have the same client for different providers: who asks only Dream Machine, which most do, loads no other.

/** The providers, by what they are called, and those that are in the module of every entry. */
export const PROVIDERS = ["dream-machine", "agents", "useapi", "piapi"];
const FIRST = ["dream-machine"];

/** Whose key it is, by its form, as src/provider tells it as well. */
const KEYS = { "luma-api-": "agents", "user:": "useapi" };

/**
 * @param {object} first the runtime that is there
 * @param {() => object | Promise<object>} loadOther gives that of the other providers; called when it is first needed
 * @returns {(provider: string) => { run: (task: (wasm: object) => unknown) => Promise<unknown> }}
 */
export function createRuntimes(first, loadOther) {
  let loaded;
  const load = () => {
    loaded ??= loadOther();
    // What fails once, a network perhaps, may work the next time.
    loaded.catch?.(() => (loaded = undefined));
    return loaded;
  };
  const other = { run: async (task) => (await load()).run(task) };
  return (provider) => (FIRST.includes(provider) ? first : other);
}

/** Who is asked: who was named, else whose key it is. */
export function providerOf({ provider, apiKey }) {
  const form = Object.keys(KEYS).find((form) => typeof apiKey === "string" && apiKey.startsWith(form));
  return provider ?? KEYS[form] ?? FIRST[0];
}
