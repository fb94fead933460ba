// One line of JSON for each request. It names the route, not the address: an address may hold what a caller should not have put there.

export interface LogLine {
  request_id: string;
  method: string;
  route: string;
  status: number;
  ms: number;
  caller?: string;
  provider?: string;
  generation?: string;
  /** Why it was refused. */
  code?: string;
  /** Which request it was at the provider, for the provider's support. */
  upstream_request_id?: string;
  error?: string;
}

export function log(line: LogLine | ({ event: string } & Record<string, string | number | undefined>), secrets: readonly string[]): void {
  console.log(without(secrets, JSON.stringify(line)));
}

/** A text in which no secret shows. */
export function without(secrets: readonly string[], text: string): string {
  for (const secret of secrets) text = text.replaceAll(secret, "[secret]");
  return text;
}

/** What went wrong, with what lay behind it. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${reason(error.cause)})`;
}
