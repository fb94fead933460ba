/**
 * Makes a function that runs tasks of the same key one after the other, in the order of the calls. A task that finds its queue
 * empty starts within the call. A task that fails does not hold up the next one. With a `patience` in ms, neither does a task
 * that never ends.
 */
export function createKeyedQueue(patience?: number) {
  const lasts = new Map<string, Promise<unknown>>();
  return <T>(key: string, task: () => T | Promise<T>): Promise<T> => {
    const before = lasts.get(key);
    const running = before ? within(patience, before).then(task) : (async () => task())();
    const leave = () => {
      if (lasts.get(key) === last) lasts.delete(key);
    };
    const last: Promise<void> = running.then(leave, leave);
    lasts.set(key, last);
    return running;
  };
}

/** Settles with the promise, or after so many ms. */
function within(ms: number | undefined, promise: Promise<unknown>): Promise<unknown> {
  if (!ms) return promise;
  let timer: ReturnType<typeof setTimeout>;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
