// When a webhook that did not arrive is sent again: soon, then ever more rarely, for a day.

import { HOUR, MINUTE, SECOND } from "../units.js";

/** After the first attempt, the second, and so on, in ms. */
const PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 6 * HOUR, 10 * HOUR];

/** How much a pause may be longer or shorter: what failed together does not come back together. */
const JITTER = 0.1;

/**
 * The pause before the next attempt, in ms; undefined when there is none.
 * @param attempts how many there were
 * @param after how long the receiver asked to be left alone, in ms
 * @param random from 0 to 1
 */
export function nextAttempt(attempts: number, after = 0, random = Math.random()): number | undefined {
  const pause = PAUSES[attempts - 1];
  return pause === undefined ? undefined : Math.max(after, Math.round(pause * (1 - JITTER + 2 * JITTER * random)));
}
