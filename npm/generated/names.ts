// Written by `npm run types` from the Rust tables in src/: change those, not this.

/** The providers. */
export const PROVIDERS = ["agents", "dream-machine", "useapi", "piapi"] as const;

/** How keys begin that tell their provider. */
export const KEY_FORMS = [["luma-api-", "agents"], ["user:", "useapi"]] as const;

/** The options of `createClient` that are plain data. */
export const SETTINGS = ["provider", "apiKey", "baseUrl", "timeout", "maxRetries", "validate", "legacyPath", "unsupported", "schema", "recovery", "idempotencyKeys", "budget", "limits"] as const;

/** The codes of problems with which a request is sent all the same. */
export const WARNINGS = ["disputed", "suspicious"] as const;

/** The 4xx that are decided before any work. Another, such as nginx's 499, tells of a connection: what was asked for may be done. */
export const REFUSALS: readonly number[] = [400, 401, 402, 403, 404, 405, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 425, 426, 428, 429, 431, 451];
