// Submits requests, once: what is lost on the way is sent again under the same key.

import { fileOf, sendableCopy } from "../client/request.js";
import { LumaError } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { pathText } from "../common/problem-path.js";
import { invalidOption } from "./errors.js";
import { jobsOf } from "./reads.js";
import { aborted, type Server } from "./server.js";
import type { Job, SubmitOptions } from "./types.js";

/** What the server takes as a key. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** JSON has no files. */
const FILE = "is a file: POST it to the Worker's /uploads, and give the url that it answers with";

/** Whether the server may have what was sent: all but a 4xx leaves that open. */
const mayHaveArrived = ({ code, status }: LumaError): boolean =>
  ["network", "timeout", "server", "aborted"].includes(code) || (code === "protocol" && !(status !== undefined && status >= 400));

export async function submit(server: Server, given: unknown, { idempotencyKey, signal, ...options }: SubmitOptions): Promise<Job | Job[]> {
  const key = idempotencyKey ?? randomKey();
  if (typeof key !== "string" || !KEY.test(key))
    throw invalidOption("submit", "idempotencyKey", "must be 1 to 255 letters, digits and signs");
  const many = Array.isArray(given);
  // A copy at once: what is sent again is what was sent, even if the caller changes the original meanwhile.
  const request = sendableCopy({ ...options, [many ? "requests" : "request"]: given }, false, (path, given, value) => {
    if (fileOf(given)) throw new LumaError(invalidRequest([{ path: pathText(path), code: "invalid_type", message: FILE }]));
    return value;
  });
  let sent = false;
  const onSend = () => {
    sent = true;
  };
  const ask = {
    onSend,
    method: "POST",
    path: "/jobs",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(request),
  } as const;
  const sentAt = server.clock.now();
  let lost = false;
  try {
    const jobs = await server.patiently(signal, async () => {
      sent = false;
      try {
        return jobsOf(await server.json(ask, signal));
      } catch (thrown) {
        lost ||= sent && mayHaveArrived(thrown as LumaError);
        throw thrown;
      }
    });
    return many ? jobs : (jobs[0] as Job);
  } catch (thrown) {
    const error = thrown as LumaError;
    // A request that is refused for what it says would have been the first time, too.
    if (!lost || error.code === "invalid_request") throw error;
    const creation = { ticket: key, request, sentAt };
    if (signal?.aborted) throw aborted(signal, "requests were handed over, which may have arrived", creation);
    const message = `The requests were sent, and no answer came: they may have arrived. Submit them again with the idempotencyKey ${key}, and they are not made twice. ${error.message}`;
    throw new LumaError({ code: "unknown_outcome", message, creation, cause: error });
  }
}

const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
