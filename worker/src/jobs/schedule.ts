// When what is done next: plain functions of time.

import { DAY, MINUTE, SECOND } from "../units.js";

/** A job is polled so often, or after so much of its run, whichever is longer: its end is noticed within 3 s or a tenth of its run. */
const SHORTEST_POLL = 2500;
const PART_OF_RUN = 0.085;

export const pollPause = (run: number): number => Math.max(SHORTEST_POLL, PART_OF_RUN * run);

/** After so many failures in a row: 2 s, 4 s, and so on. */
export const backoff = (failures: number, most = 5 * MINUTE): number => Math.min(most, 2 * SECOND * 2 ** Math.min(failures, 20));

/** A job that so many reads in a row have not found is gone: the pauses between them add up to a minute. */
export const READS_UNTIL_GONE = 6;
/** A job that cannot be read is polled at least so often. */
export const LONGEST_POLL = MINUTE;
/** What polls that are due so soon are taken along, by one that reads a list. */
export const POLL_TOGETHER = SECOND;
/** A job that runs longer is given up. */
export const LONGEST_JOB = DAY;
/** A job that cannot be read for so long is given up: the account forgets it after a day more. */
export const LONGEST_SILENCE = 7 * DAY;
/** A creation that may have been sent before that is not taken up: its creation object may have forgotten it. */
export const LATEST_RESEND = 6 * DAY;
/** What goes wrong at the provider again and again is tried for so long. */
export const RETRY_FOR = DAY;

/** A provider that refused this server's key: it may be about to get a new one. */
export const KEY_PAUSE = MINUTE;
/** The longest that a `retry-after` of a provider is followed: then one job is tried. */
export const LONGEST_HOLD = 5 * MINUTE;
/** When a lost creation that is still looked for is asked about again. */
export const SEARCH_PAUSE = MINUTE;
/** A caller whose place or money may come back is asked for again by then at the latest. */
export const HELD = 30 * SECOND;
/** What is on its way to the provider is settled by then, most of the time. */
export const SETTLING = SECOND;
/** While anything is under way the queue wakes at the latest by then, so that work cut off by a crash continues. */
export const GUARD = 30 * SECOND;

/** How long a job is known after its end, and the key of a submission. */
export const KEEP_JOB = 30 * DAY;
export const KEEP_KEY = 7 * DAY;
