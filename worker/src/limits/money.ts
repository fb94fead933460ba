// Sums as whole micro-dollars: sums of fractions would drift, and a budget is exact.

/** Rounded up, in the budget's favour; undefined for what is no price. */
export function micros(usd: number | undefined): number | undefined {
  if (usd === undefined || !(usd >= 0 && usd < 1e9)) return undefined;
  // A price such as 0.07 is a little more or less in binary: that little is no micro-dollar.
  return Math.max(0, Math.ceil(usd * 1e6 - 1e-3));
}

export const dollars = (micros: number): string => `$${(micros / 1e6).toFixed(2)}`;

/** The day and the month of UTC, as a budget's name: `2026-11-27`, `2026-11`. */
export function periods(now: number): { day: string; month: string } {
  const day = new Date(now).toISOString().slice(0, 10);
  return { day, month: day.slice(0, 7) };
}
