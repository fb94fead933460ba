// The queue, as others call it.

import type { Env } from "../env.js";
import type { Queue } from "./queue.js";

/** What an object's methods are from outside. Jobs hold JSON of any form, which the types of Workers cannot follow. */
type Remote<T, Names extends keyof T> = {
  [Name in Names]: T[Name] extends (...given: infer Given) => infer Answer ? (...given: Given) => Promise<Awaited<Answer>> : never;
};

export type QueueStub = Remote<Queue, "submitted" | "submit" | "find" | "list" | "cancel" | "wake" | "ping" | "overview"> &
  Pick<Fetcher, "fetch">;

/** One object for the whole account. */
export const queueOf = ({ QUEUE }: Env): QueueStub => QUEUE.get(QUEUE.idFromName("queue")) as unknown as QueueStub;
