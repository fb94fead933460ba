// What the tests of the wasm's host are played with: a fresh copy of the package, a scripted provider, a clock that stands still.

/** A request, and the job that a scripted Dream Machine makes of it. */
export const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
export const JOB = { id: "job-1", state: "queued", created_at: "2026-01-01T00:00:00Z", request: TIGER };
export const DONE = { ...JOB, state: "completed", assets: { video: "https://cdn.example/tiger.mp4" } };

let copies = 0;
/** A copy of the package that no other test has used: its wasm, and all that this remembers, is its own. */
export const freshCopy = () => import(`../../dist/entries/index.js?host=${copies++}`);

export const json = (value, status = 200) => Response.json(value, { status });

/** Answers a creation with the job, and every read with `read`. */
export const provider =
  (read) =>
  async (_url, { method }) =>
    method === "POST" ? json(JOB, 201) : read();

export const never = () => new Promise(() => {});

/** Long enough for all that is ready to run. */
export const soon = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition) {
  while (!condition()) await soon(1);
}

export const caught = (promise) =>
  promise.then(
    () => Promise.reject(new Error("it should have failed")),
    (error) => error,
  );

/** Time that moves by hand: `sleeps` are those under way or over, each with what ends it. */
export function standingClock() {
  let time = Date.parse(JOB.created_at);
  const sleeps = [];
  const sleep = (ms, signal) => new Promise((resolve) => sleeps.push({ ms, signal, end: () => resolve((time += ms)) }));
  return { sleeps, now: () => time, sleep, advance: (ms) => (time += ms) };
}

/** What no promise's owner has handled, while the work lasts. */
export async function unhandledIn(work) {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    await work();
    await soon(20);
  } finally {
    process.off("unhandledRejection", note);
  }
  return unhandled;
}
