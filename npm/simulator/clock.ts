// A simulator's time.

import { RealClock } from "./real-clock.js";
import type { SimulatorOptions } from "./types.js";
import { VirtualClock } from "./virtual-clock.js";

/** A way for a simulator's time to pass. */
export interface SimulatorClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Whether its time can stand still. */
  readonly virtual: boolean;
  /** Keeps time where it is until the promise settles, where it can stand still: for so many ms of real time at most, and until the signal aborts. */
  hold<T>(promise: Promise<T>, most?: number, until?: AbortSignal): Promise<T>;
  /** Moves time on. */
  advance(ms: number): Promise<void>;
  /** Ends every sleep with this reason. */
  close(reason: unknown): void;
}

/** Where virtual time starts by default: the same day each time. */
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** The clock that the options ask for. */
export function createClock(clock: SimulatorOptions["clock"], start: SimulatorOptions["start"]): SimulatorClock {
  const first = start === undefined ? undefined : +start;
  const virtual = clock === "manual" || clock === "auto";
  const speed = virtual ? 1 : (clock ?? 1);
  if (!(speed > 0 && speed < Infinity)) {
    throw new TypeError(`createSimulator: clock is "manual", "auto" or a speed such as 20, not ${JSON.stringify(clock)}`);
  }
  if (first !== undefined && !(Math.abs(first) <= 8.64e15)) throw new TypeError("createSimulator: start is a Date or a time in ms");
  return virtual ? new VirtualClock(first ?? FIRST_DAY, clock === "auto") : new RealClock(first, speed);
}
