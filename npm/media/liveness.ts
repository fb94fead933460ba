// Calls that share something, of which none may depend on another's life: a Worker's request that ends takes its fetches, timers
// and promises with it, and whatever waits for one of those waits for ever.

/** Without a sign of life for so many ms, what another call does counts as gone. Should it be slow instead, it is done twice. */
const IDLE = 30_000;

/** How often that is looked at, in ms. */
const LOOK = 1_000;

const isGone = ({ alive }) => Date.now() - alive > IDLE;

/** What another call comes to, or `otherwise` when it is gone. `other.alive` is when it was last heard of. */
export async function whileAlive(other, promise, otherwise) {
  const looking = untilSeen(() => isGone(other));
  const next = await Promise.race([promise.then((value) => () => value), looking.seen.then(() => otherwise)]).finally(looking.stop);
  return next();
}

/** Lets so many work at once, in the order of the calls. */
export function createTurns(most) {
  const working = new Set();
  const waiting = [];

  const isFree = () => {
    for (const other of working) if (isGone(other)) working.delete(other);
    return working.size < most;
  };

  return async ({ signal, onProgress }, work) => {
    while (working.size >= most) {
      const looking = untilSeen(isFree);
      waiting.push(looking.now);
      await looking.seen;
      looking.stop();
    }
    const turn = { alive: Date.now() };
    working.add(turn);
    try {
      signal.throwIfAborted(); // which nobody hears: who it is for has left
      const tell = (progress) => {
        turn.alive = Date.now();
        onProgress?.(progress);
      };
      return await work({ signal, onProgress: tell });
    } finally {
      working.delete(turn);
      waiting.shift()?.();
    }
  };
}

/** Looks from time to time, by a timer of the call's own. */
function untilSeen(condition) {
  let timer;
  let now;
  const seen = new Promise((resolve) => {
    now = resolve;
    timer = setInterval(() => condition() && resolve(), LOOK);
  });
  return { seen, now, stop: () => clearInterval(timer) };
}
