// A picture at an address, for a provider that takes no addresses. It is asked for without a key, and read no further than it may
// be large.

import { mediaType, mostOf, tooMuch } from "./file.js";

/** Its content and type. Throws `wrong`, the code and the words of a problem, or `unread`: see {@link failureAt}. */
export async function fetchFile(fetch, provider, url, signal) {
  const most = mostOf(provider, "image");
  let wrong;
  let content;
  try {
    const response = await fetch(url, { signal });
    const told = Number(response.headers.get("content-length"));
    if (!response.ok) wrong = ["invalid_url", `answered ${response.status} when it was fetched`];
    else if (told > most) wrong = tooMuch(provider, told, "image/png", "image");
    if (wrong) await response.body?.cancel();
    else content = await read(response, most);
  } catch (cause) {
    throw { unread: cause?.message ?? cause };
  }
  if (wrong) throw { wrong };
  if (!content) throw { wrong: ["too_large", `has more than the ${most >> 20} MB that ${provider} takes for a picture`] };
  const type = await mediaType(content);
  wrong = tooMuch(provider, content.size, type, "image");
  if (wrong) throw { wrong };
  return { content, type };
}

/** The whole of it; nothing when it is more than it may be. */
async function read({ body, headers }, most) {
  const pieces = [];
  const reader = body?.getReader();
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > most) return void (await reader.cancel());
    pieces.push(value);
  }
  return new Blob(pieces, { type: headers.get("content-type") ?? "" });
}

/** What a failure means for the place where the address stands. Several may share one. */
export function failureAt(path, thrown) {
  if (thrown.wrong) {
    const [code, message] = thrown.wrong;
    return { code: "invalid_request", message: `The request was not sent: ${path}: ${message}`, problems: [{ path, code, message }], retryable: false };
  }
  if (thrown.unread === undefined) return thrown;
  return {
    code: "network",
    message: `${path}: this provider takes no addresses, and what lies there could not be fetched (${thrown.unread}). In a page its server must allow that (CORS); a file in its place always works`,
    retryable: true,
  };
}
