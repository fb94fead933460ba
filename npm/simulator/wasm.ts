// What the simulator's WebAssembly offers, as far as it is used here.

/** The core: it holds the jobs, and knows neither timers nor sockets. Times are in ms since 1970 by the simulator's clock. */
export interface Core {
  /** A request arrives. `headers` are names and values by turns. Gives a {@link Reply}. */
  handle(now: number, method: string, url: string, headers: string[], body?: Uint8Array): object;
  /** When the next callback is due, if one is planned. */
  nextDue(): number | undefined;
  /** The callbacks to POST by now, as JSON text of {@link DueCallback}[]. */
  due(now: number): string;
  /** How a callback went: its status, or nothing when there was no answer in time. */
  delivered(now: number, id: number, status?: number): void;
  /** JSON text. */
  generations(now: number): string;
  /** JSON text. */
  stats(now: number): string;
  /** JSON text. */
  requests(): string;
  free(): void;
}

export interface SimulatorWasm {
  Simulator: new (settings: string) => Core;
}

/** How a request goes; with an answer only when the outcome is `answer` or `truncated`. */
export interface Reply {
  outcome: "answer" | "truncated" | "refused" | "cut" | "silence";
  /** In how many ms. */
  after: number;
  status?: number;
  headers?: [name: string, value: string][];
  body?: Uint8Array<ArrayBuffer>;
}

export interface DueCallback {
  id: number;
  url: string;
  headers: [name: string, value: string][];
  body: string;
}
