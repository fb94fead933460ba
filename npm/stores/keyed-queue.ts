/**
 * Runs tasks of the same key one after the other, in the order of the calls; one that finds nobody before it begins at once.
 * A task that fails holds up none, and with a `patience` in ms neither does one that never ends.
 */
export function createLines(patience) {
  const lasts = new Map();
  return (key, task) => {
    const before = lasts.get(key);
    const running = before ? within(patience, before).then(task) : (async () => task())();
    const leave = () => lasts.get(key) === last && lasts.delete(key);
    const last = running.then(leave, leave);
    lasts.set(key, last);
    return running;
  };
}

function within(ms, promise) {
  if (!ms) return promise;
  let timer;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, patience]).finally(() => clearTimeout(timer));
}
