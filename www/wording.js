// The page's wording about jobs.

/** A number of ms for a person. */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The state of a job, in a word or two. */
export function stateOf({ phase, generation, queue, canWait }) {
  if (phase === "stopped") return canWait ? "Not waiting" : "Cancelled";
  if (phase === "failed") return "Failed";
  if (phase === "completed") return "Completed";
  if (queue) return "Waiting for its turn";
  const state = generation?.state;
  return { queued: "Queued", dreaming: "Dreaming", completed: "Fetching the file" }[state] ?? "Sending";
}

/** How far a waiting job is, as far as it is known. */
export function timeOf({ elapsed, expected }) {
  if (!expected) return duration(elapsed);
  if (elapsed > expected) return `${duration(elapsed)}, longer than the usual ${duration(expected)}`;
  return `${duration(elapsed)} of usually ${duration(expected)}`;
}

/** When a queued creation will be sent; `age` is how many ms ago its queue position was reported. */
export function turnOf({ position, wait }, age) {
  const before = position === 0 ? "next" : `${position} before it`;
  return `${before}, in about ${duration(Math.max(1000, wait - age))}`;
}

/** The source of the usual time. */
export function basisOf({ expected, confidence }) {
  if (!expected) return "";
  return confidence < 0.3
    ? "The usual time is a guess, from what users report."
    : "The usual time is from jobs that this browser has seen.";
}

const FAULTS = {
  request: "The request: it has to change",
  provider: "Luma's machines, not the request",
  unknown: "Not known",
};

const ADVICE = {
  invalid_request: "Change what is named above, then send it again.",
  authentication: "Give a key that is good for this endpoint under “Where does it go?”.",
  insufficient_credits: "Add credits to the account, then try again.",
  rate_limited: "More was asked for than the account may have at once: wait a minute, then try again.",
  moderated: "The prompt or a picture was refused. Change it, then send it again.",
  unsupported: "This endpoint does not do that.",
  not_found: "No job of that id belongs to this key.",
  gone: "It was there once; it is not any more.",
  timeout: "The job, if it was taken, goes on.",
  network:
    "Check the address and the connection. A browser also says this when the endpoint does not let pages of other origins in (CORS): a Worker in front of it does, and keeps the key.",
  server: "The endpoint is in trouble; nothing is wrong with the request.",
  protocol: "Is this the address of the API that was chosen? Its paths are appended to the base URL.",
  unknown_outcome: "It may have been made, and charged: check your account before you send it again.",
  store:
    "Nothing was sent: a job is written down first, so that a reload cannot lose it. Allow this site to keep data, or leave the private window.",
  internal: "This is a defect of luma-edge: please report it, with the message above.",
};

/** A failure as facts and advice. */
export function failureOf({ error, generation }) {
  const failure = generation?.failure;
  return {
    title: error.code === "moderated" ? "Refused" : failure ? "It could not be made" : "That did not work",
    message: failure?.reason || error.message,
    facts: failure && { "Whose fault": FAULTS[failure.fault], Refunded: failure.refunded ? "Yes" : "No" },
    advice: error.code === "generation_failed" ? generationAdvice(error) : ADVICE[error.code],
  };
}

function generationAdvice({ retryable }) {
  return retryable ? "The same request may well succeed now." : "Change the request, then send it again.";
}
