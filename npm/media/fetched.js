// A picture at an address, for a provider that takes no addresses. It is asked for without a key.

import { mediaType } from "./file.js";

export async function fetchFile(fetch, url, path, signal) {
  let response;
  let content;
  try {
    response = await fetch(url, { signal });
    if (response.ok) content = await response.blob();
    else await response.body?.cancel();
  } catch (cause) {
    throw {
      code: "network",
      message: `${path}: this provider takes no addresses, and what lies there could not be fetched (${cause?.message ?? cause}). In a page its server must allow that (CORS); a file in its place always works`,
      retryable: true,
    };
  }
  if (!content) {
    const problem = { path, code: "invalid_url", message: `answered ${response.status} when it was fetched` };
    throw { code: "invalid_request", message: `The request was not sent: ${path}: ${problem.message}`, problems: [problem], retryable: false };
  }
  return { content, type: await mediaType(content) };
}
