// Any number of requests through one client: the engine keeps the limits and the budget, this keeps the memory.

import { LumaError, messageOf } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import type { Generation } from "../generated/types.js";
import type { Batch, BatchResult } from "../types/api.js";
import type { BatchOptions, GenerateOptions } from "../types/options.js";
import type { Update } from "../types/updates.js";

/** How many are in the engine's hands at once: more than any limit lets run, so that the queue is never empty. */
const AT_ONCE = 500;

type Requests<R> = Iterable<R> | AsyncIterable<R>;
type Options = Omit<BatchOptions, "budget">;
type Generate<R> = (request: R, options: GenerateOptions) => Promise<Generation>;

/** @param begin checks the options when the batch is first used, and gives how each of its jobs is made */
export function createBatch<R>(requests: Requests<R>, begin: () => { options: Options; generate: Generate<R> }): Batch<R> {
  let used = false;
  const start = () => {
    if (used)
      throw new LumaError({ code: "invalid_request", message: "A batch is awaited or iterated, once: another time would buy it again" });
    if (!isIterable(requests))
      throw new LumaError(
        invalidRequest(
          [{ path: "requests", code: "invalid_type", message: "must be a list of requests, or anything that can be iterated" }],
          "generateAll",
        ),
      );
    const { options, generate } = begin();
    used = true;
    return results(requests, options, generate);
  };
  let all: Promise<BatchResult<R>[]> | undefined;
  const collected = async () => {
    const list: BatchResult<R>[] = [];
    for await (const result of start()) list[result.index] = result;
    return list;
  };
  return {
    [Symbol.asyncIterator]: start,
    // biome-ignore lint/suspicious/noThenProperty: a batch can be awaited.
    then: (fulfilled, rejected) => {
      all ??= collected();
      return all.then(fulfilled, rejected);
    },
  };
}

/** The caller's word for a job. The promise that an `async` function gives is refused as no text, and must not end the program either. */
function labelOf(label: (index: number) => string, index: number): string {
  try {
    const given = label(index);
    Promise.resolve(given).catch(() => {});
    return given;
  } catch (cause) {
    const problem = { path: "label", code: "invalid_value", message: `the function threw: ${messageOf(cause)}` } as const;
    throw new LumaError({ ...invalidRequest([problem]), cause });
  }
}

/** A text can be iterated, too, and is surely not meant. */
const isIterable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);

async function* results<R>(
  requests: Requests<R>,
  { signal, onUpdate, label, ...options }: Options,
  generate: Generate<R>,
): AsyncGenerator<BatchResult<R>, void> {
  // One for each: Node warns of a leak when many listen to one signal.
  const inHand = new Set<AbortController>();
  const settled: BatchResult<R>[] = [];
  let feeding = true;
  let failure: unknown;
  let left: { reason: unknown } | undefined; // once no more is wanted: why
  let wake = () => {};
  let room = () => {};
  const leave = (reason?: unknown) => {
    left = { reason };
    for (const job of inHand) job.abort(reason);
    // The caller gets a result for every item of a list, also for those that an abort leaves undone; jobs already created are not waited
    // for any more.
    if (!Array.isArray(requests)) feeding = false;
    room();
    wake();
  };
  const abort = () => leave(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);

  async function run(request: R, index: number) {
    const job = new AbortController();
    if (left) job.abort(left.reason);
    inHand.add(job);
    const listener = onUpdate && { onUpdate: (update: Update) => onUpdate(update, index) };
    let result: BatchResult<R>;
    try {
      result = {
        index,
        request,
        status: "fulfilled",
        value: await generate(request, { ...options, signal: job.signal, ...listener, ...(label && { label: labelOf(label, index) }) }),
      };
    } catch (reason) {
      result = { index, request, status: "rejected", reason: reason as LumaError };
    }
    inHand.delete(job);
    settled.push(result);
    wake();
  }

  async function feed() {
    let index = 0;
    if (!feeding) return;
    for await (const request of requests) {
      if (!feeding) return;
      void run(request, index++);
      while (inHand.size + settled.length >= AT_ONCE && !left) {
        await new Promise<void>((resolve) => {
          room = resolve;
        });
      }
      if (!feeding) return;
    }
  }
  const fed = (error?: unknown) => {
    failure = error;
    feeding = false;
    wake();
  };
  feed().then(() => fed(), fed);

  try {
    for (;;) {
      for (let result = settled.shift(); result; result = settled.shift()) {
        room();
        yield result;
      }
      if (!feeding && inHand.size === 0) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure;
  } finally {
    signal?.removeEventListener("abort", abort);
    feeding = false; // of a list, too: nobody is there for its results
    leave();
  }
}
