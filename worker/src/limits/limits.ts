// Limits, as the settings give them.

/** What a caller, or all of them together, may do. A limit that is not there is none. */
export interface Limits {
  /** Requests of every kind, in any 60 s. */
  requestsPerMinute?: number;
  /** Creations, in any 60 s. */
  jobsPerMinute?: number;
  /** Jobs that have not ended. */
  jobsAtOnce?: number;
  /** US dollars, in a day of UTC. */
  usdPerDay?: number;
  /** US dollars, in a month of UTC. */
  usdPerMonth?: number;
  /** What a job without a known price counts as, in dollars. Without it such a job is refused where there is a budget. */
  usdUnpriced?: number;
  /** Files handed over to `/uploads`, in MB, in a day of UTC. */
  uploadMegabytesPerDay?: number;
  /** The models that may be asked for; all that the provider has, without it. */
  models?: string[];
}

const NUMBERS = [
  "requestsPerMinute",
  "jobsPerMinute",
  "jobsAtOnce",
  "usdPerDay",
  "usdPerMonth",
  "usdUnpriced",
  "uploadMegabytesPerDay",
] as const;

/** @throws {Error} for whatever would be a limit that is not kept */
export function parseLimits(where: string, value: unknown): Limits {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${where} must be an object`);
  for (const [name, limit] of Object.entries(value)) {
    if (name === "models") {
      if (!Array.isArray(limit) || limit.some((model) => typeof model !== "string"))
        throw new Error(`${where}.models must be a list of names`);
    } else if (!NUMBERS.some((known) => known === name)) {
      throw new Error(`${where}.${name} is not known: ${[...NUMBERS, "models"].join(", ")}`);
    } else if (typeof limit !== "number" || !(limit >= 0 && limit < 1e9)) {
      throw new Error(`${where}.${name} must be a number from 0 to a billion`);
    }
  }
  return value;
}
