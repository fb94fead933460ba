// Fetches a picture from its address, for a provider that takes no addresses. The key is not sent along, and no more is read than
// the provider takes.

import type { ErrorData } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import type { Fetch } from "../fetch/fetch.js";
import type { ProviderId } from "../generated/types.js";
import { mediaType } from "./file-type.js";
import { mostOfPicture, tooMuch } from "./limits.js";
import type { Wrong } from "./types.js";

/** Why a picture was not fetched. Requests that name the same address share it, so it does not know the place in one. */
class PictureFailure {
  /** `wrong`: why it is not taken; `unread`: what went wrong while it was read. */
  constructor(readonly reason: { wrong: Wrong } | { unread: unknown }) {}
}

/** Its content and type. What it throws is for {@link failureAt}. */
export async function fetchPicture(
  fetch: Fetch,
  provider: ProviderId,
  url: string,
  signal: AbortSignal,
): Promise<{ content: Blob; type: string }> {
  const most = mostOfPicture(provider);
  let wrong: Wrong | undefined;
  let content: Blob | undefined;
  try {
    const response = await fetch(url, { signal });
    const declared = Number(response.headers.get("content-length"));
    if (!response.ok) wrong = ["invalid_url", `answered ${response.status} when it was fetched`];
    else if (declared > most) wrong = tooMuch(provider, declared, "image/png", "image");
    if (wrong) await response.body?.cancel();
    else content = await read(response, most);
  } catch (cause) {
    throw new PictureFailure({ unread: cause });
  }
  if (wrong) throw new PictureFailure({ wrong });
  if (!content)
    throw new PictureFailure({ wrong: ["too_large", `has more than the ${most >> 20} MB that ${provider} takes for a picture`] });
  const type = await mediaType(content);
  wrong = tooMuch(provider, content.size, type, "image");
  if (wrong) throw new PictureFailure({ wrong });
  return { content, type };
}

/** The whole content; undefined when it is more than it may be. */
async function read({ body, headers }: Response, most: number): Promise<Blob | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = body?.getReader();
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > most) {
      await reader.cancel();
      return undefined;
    }
    pieces.push(value);
  }
  return new Blob(pieces, { type: headers.get("content-type") ?? "" });
}

/** What a failure means for the place in the request where the address stands. */
export function failureAt(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof PictureFailure)) return thrown;
  const { reason } = thrown;
  if ("wrong" in reason) {
    const [code, message] = reason.wrong;
    return invalidRequest([{ path, code, message }]);
  }
  const why = (reason.unread as Error | undefined)?.message ?? reason.unread;
  return {
    code: "network",
    message: `${path}: this provider takes no addresses, and what lies there could not be fetched (${why}). In a page its server must allow that (CORS); a file in its place always works`,
    retryable: true,
  } satisfies ErrorData;
}
