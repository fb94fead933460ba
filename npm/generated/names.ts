// Written by `npm run types` from the Rust tables in src/: change those, not this.

/** The providers. */
export const PROVIDERS = ["agents", "dream-machine", "useapi", "piapi"] as const;

/** How keys begin that tell their provider. */
export const KEY_FORMS = [["luma-api-", "agents"], ["user:", "useapi"]] as const;

/** The options of `createClient` that are plain data. */
export const SETTINGS = ["provider", "apiKey", "baseUrl", "timeout", "maxRetries", "validate", "legacyPath", "unsupported", "schema", "recovery", "budget", "limits"] as const;

/** The codes of problems with which a request is sent all the same. */
export const WARNINGS = ["disputed", "suspicious"] as const;
