// What a caller gets instead of an answer. That to a creation is a 4xx: to a client that means that nothing was made and nothing was bought,
// which a 5xx would leave in doubt. A read or a file, which buys nothing, may be answered by 502.

import type { Problem } from "luma-edge";

export type RefusalCode =
  | "not_configured"
  | "unauthorized"
  | "origin"
  | "forged"
  | "not_found"
  | "method"
  | "bad_request"
  | "too_large"
  | "media_type"
  | "range"
  | "invalid_request"
  | "idempotency"
  | "already_sent"
  | "already_ended"
  | "limit"
  | "budget"
  | "price_unknown"
  | "try_again"
  | "internal";

export interface RefusalMore {
  problems?: Problem[];
  /** In s. */
  retryAfter?: number;
  /** How a browser may ask its user for what is missing. */
  authenticate?: string;
  /** Whether it is about all callers together, and not about this one. */
  ofAll?: boolean;
  /** For the log alone. */
  cause?: unknown;
}

/** Crosses from an object to the Worker as {@link RefusalData}. */
export interface RefusalData extends Omit<RefusalMore, "cause"> {
  status: number;
  code: RefusalCode;
  message: string;
}

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    readonly more: RefusalMore = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
  }

  static of({ status, code, message, ...more }: RefusalData): Refusal {
    return new Refusal(status, code, message, more);
  }

  /** `detail` is where Luma's own APIs say why, so that every client shows it. */
  get body(): { detail: string; code: RefusalCode; problems?: Problem[] } {
    const { problems } = this.more;
    return { detail: this.message, code: this.code, ...(problems && { problems }) };
  }

  get headers(): Record<string, string> {
    const { retryAfter, authenticate } = this.more;
    return {
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
      ...(authenticate !== undefined && { "www-authenticate": authenticate }),
    };
  }

  response(): Response {
    return Response.json(this.body, { status: this.status, headers: this.headers });
  }
}

/**
 * What one of this server's own objects answers; where it cannot be reached, a refusal.
 * @param sofar what had been done by then, as the caller is told
 * @throws {Refusal}
 */
export async function orTryAgain<T>(answer: Promise<T>, sofar = "Nothing was sent."): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new Refusal(429, "try_again", `This server cannot reach its records. ${sofar}`, { retryAfter: 1, cause });
  }
}
