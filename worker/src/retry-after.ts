/**
 * How long a `retry-after` asks to wait, in ms and up to a bound: it gives seconds, or a date. Undefined where there is none that can be read.
 */
export function retryAfter(header: string | null | undefined, longest: number): number | undefined {
  if (!header) return undefined;
  const pause = /^\d+(?:\.\d+)?$/.test(header) ? 1000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.min(longest, Math.max(0, pause));
}
