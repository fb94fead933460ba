// What the host asks of JavaScript that is more than one step: through bindings it weighs three times as much.

/** What an answer's headers are asked for. In a page, only those that the server exposes are there. */
const HEADERS = ["date", "retry-after", "retry-after-ms", "x-request-id"];

/** The error codes by which Node, Bun and Deno tell that no connection was made, so that nothing was sent. */
const NOT_SENT = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_INVALID_URL",
  "ConnectionRefused",
];

/** As much of a body that is not JSON as an error shows, and a little. */
const EXCERPT = 600;

/**
 * Sends a request and reads the answer whole.
 * @returns {Promise<{ status, headers, json } | { status, headers, text } | { lost, sent }>} never rejects
 */
export async function exchange(fetch, url, method, headers, body, signal) {
  let sent = false;
  try {
    body = JSON.stringify(body);
    const answering = fetch(url, { method, headers, body, signal });
    sent = true;
    const answer = await answering;
    const text = await answer.text();
    const received = {};
    for (const name of HEADERS) received[name] = answer.headers.get(name);
    try {
      return { status: answer.status, headers: received, json: JSON.parse(text) };
    } catch {
      return { status: answer.status, headers: received, text: text.slice(0, EXCERPT) };
    }
  } catch (error) {
    // Node says no more than "fetch failed"; the cause tells why.
    const { message, code, cause } = error ?? {};
    const lost = [message ?? error, cause?.message].filter(Boolean).join(": ")
    return { lost, sent: sent && !NOT_SENT.includes(code ?? cause?.code) };
  }
}

/**
 * Waits by the caller's clock, `{ now(), sleep(ms, signal) }`.
 * @returns {Promise | undefined} nothing where that clock cannot
 */
export function sleep(clock, ms, signal) {
  try {
    return Promise.resolve(clock.sleep(ms, signal));
  } catch {}
}

/** The time in ms since 1970, by the caller's clock where there is one. */
export function now(clock) {
  try {
    const told = clock?.now();
    if (typeof told === "number") return told;
  } catch {}
  return Date.now();
}
