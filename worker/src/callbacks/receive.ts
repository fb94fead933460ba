// A provider calls: something happened to a job, which is then read at the provider. What is posted is not even read, since anyone who has
// seen the address could have posted it.

import { verifyCallback } from "luma-edge/callbacks";
import { isProvider, type Settings } from "../env.js";
import type { LogLine } from "../log.js";
import { noPath } from "../proxy/path.js";
import { Refusal } from "../refusal.js";
import { callbackSecret } from "./address.js";

/** The job that a callback is about. @throws {Refusal} for an address that this server did not give out, or that has ended */
export async function calledAbout(request: Request, { signingSecrets }: Settings, provider: string, line: LogLine): Promise<string> {
  if (!isProvider(provider)) throw noPath();
  line.route = `/callbacks/${provider}`;
  if (request.method !== "POST") throw new Refusal(405, "method", "A callback is a POST.");
  for (const secret of signingSecrets) {
    const job = await jobOf(request.url, await callbackSecret(secret, provider));
    if (job !== undefined) return job;
  }
  throw new Refusal(403, "forged", "This address was not given out by this server, or has ended.");
}

const jobOf = (url: string, secret: string): Promise<string | undefined> =>
  verifyCallback(url, secret).then(
    ({ ticket }) => ticket,
    () => undefined,
  );
