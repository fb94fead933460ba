// Any number of requests through one client: the engine keeps the limits and the budget, this keeps the memory.

import { LumaError } from "./error.js";

/** How many are in the engine's hands at once: more than any limit lets run, so that the queue is never empty. */
const AT_ONCE = 500;

/**
 * @param {Iterable | AsyncIterable} requests
 * @param {(request: object, options: object) => Promise<object>} generate
 * @returns an AsyncIterable of results as they come, and a PromiseLike of all of them in order: one of the two, once
 */
export function createBatch(requests, options, generate) {
  let used;
  const start = () => {
    if (used) throw new LumaError({ code: "invalid_request", message: "A batch is awaited or iterated, once: another time would buy it again" });
    used = true;
    return results(requests, options, generate);
  };
  let all;
  const collected = async () => {
    const list = [];
    for await (const result of start()) list[result.index] = result;
    return list;
  };
  return {
    [Symbol.asyncIterator]: start,
    then: (...handlers) => (all ??= collected()).then(...handlers),
  };
}

async function* results(requests, { signal, onUpdate, ...options }, generate) {
  const leave = new AbortController();
  const abort = () => leave.abort(signal.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const settled = [];
  let running = 0;
  let failure;
  let wake = () => {};
  const news = () => new Promise((resolve) => (wake = resolve));

  async function run(request, index) {
    running++;
    const told = onUpdate && ((update) => onUpdate(update, index));
    let result;
    try {
      result = { status: "fulfilled", value: await generate(request, { ...options, signal: leave.signal, onUpdate: told }) };
    } catch (reason) {
      result = { status: "rejected", reason };
    }
    running--;
    settled.push({ index, request, ...result });
    wake();
  }

  let room = () => {};
  async function feed() {
    let index = 0;
    // A list is told of to its end, also what an abort leaves undone; what is made on the way is not made any more.
    const whole = Array.isArray(requests);
    for await (const request of requests) {
      run(request, index++);
      while (running + settled.length >= AT_ONCE && !leave.signal.aborted) await new Promise((resolve) => (room = resolve));
      if (leave.signal.aborted && !whole) return;
    }
  }
  leave.signal.addEventListener("abort", () => room());
  let feeding = true;
  const fed = (error) => {
    failure = error;
    feeding = false;
    wake();
  };
  feed().then(() => fed(), fed);

  try {
    for (;;) {
      while (settled.length) {
        const result = settled.shift();
        room();
        yield result;
      }
      if (!feeding && running === 0) break;
      await news();
    }
    if (failure) throw failure;
  } finally {
    signal?.removeEventListener("abort", abort);
    leave.abort();
  }
}
