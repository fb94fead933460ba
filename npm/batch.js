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
  // One for each: Node warns of a leak when many listen to one signal.
  const inHand = new Set();
  const settled = [];
  let feeding = true;
  let failure;
  let left; // once no more is wanted: why
  let wake = () => {};
  let room = () => {};
  const leave = (reason) => {
    left = { reason };
    for (const job of inHand) job.abort(reason);
    // A list is told of to its end, also what an abort leaves undone; what is made on the way is not waited for any more.
    if (!Array.isArray(requests)) feeding = false;
    room();
    wake();
  };
  const abort = () => leave(signal.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);

  async function run(request, index) {
    const job = new AbortController();
    if (left) job.abort(left.reason);
    inHand.add(job);
    const told = onUpdate && ((update) => onUpdate(update, index));
    let result;
    try {
      result = { status: "fulfilled", value: await generate(request, { ...options, signal: job.signal, onUpdate: told }) };
    } catch (reason) {
      result = { status: "rejected", reason };
    }
    inHand.delete(job);
    settled.push({ index, request, ...result });
    wake();
  }

  async function feed() {
    let index = 0;
    if (!feeding) return;
    for await (const request of requests) {
      if (!feeding) return;
      run(request, index++);
      while (inHand.size + settled.length >= AT_ONCE && !left) await new Promise((resolve) => (room = resolve));
      if (!feeding) return;
    }
  }
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
      if (!feeding && inHand.size === 0) break;
      await new Promise((resolve) => (wake = resolve));
    }
    if (failure) throw failure;
  } finally {
    signal?.removeEventListener("abort", abort);
    leave();
  }
}
