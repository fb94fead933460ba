// Times in ms, sizes in bytes.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const MEGABYTE = 1_000_000;

/** A time as the APIs write it. */
export const iso = (at: number): string => new Date(at).toISOString();
