/** The longest wait of a timer in JavaScript, in ms: beyond it, it fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Time, in the place of the machine's own: a simulator's, so that a test of a minute takes a millisecond. */
export interface Clock {
  /** The time in ms since 1970. */
  now(): number;
  /** Settles after `ms` ms, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
