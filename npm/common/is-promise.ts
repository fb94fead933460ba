/** By what it can do: a polyfill, or a library such as zone.js, may have put a class of its own in the place of the one that `async` makes. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>> | null | undefined)?.then === "function";
