/** Calls `task` so often, by a timer that keeps no process alive. Returns what ends it. */
export function inBackground(task: () => void, ms: number): () => void {
  const timer = setInterval(task, ms) as unknown;
  (timer as { unref?(): void }).unref?.();
  const { Deno } = globalThis as { Deno?: { unrefTimer?(timer: unknown): void } };
  if (typeof timer === "number") Deno?.unrefTimer?.(timer);
  return () => clearInterval(timer as ReturnType<typeof setInterval>);
}
