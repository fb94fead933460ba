/** The longest wait of a timer in JavaScript, in ms: beyond it, it fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Time, in the place of the machine's own: a simulator's, so that a test of a minute takes a millisecond. */
export interface Clock {
  /** The time in ms since 1970. */
  now(): number;
  /** Settles after `ms` ms, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Keeps the time where it is until `work` settles, and gives `work` back. Only a clock whose time can stand still has this: else it would
   * run on while something real is under way, such as a store's write. `foreign`: the work may itself wait for the time to move.
   */
  hold?<T>(work: Promise<T>, foreign?: boolean): Promise<T>;
}

/** Keeps a clock's time where it is while something is under way, if that clock can. */
export type Hold = <T>(work: Promise<T>, foreign?: boolean) => Promise<T>;

export const holdOf =
  (clock: Clock | undefined): Hold =>
  (work, foreign) =>
    clock?.hold ? clock.hold(work, foreign) : work;
