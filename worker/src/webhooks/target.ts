// Where a webhook may go. A caller names the address, and this server posts to it: so it must not lead to where a caller cannot reach.

import type { Settings } from "../env.js";
import { whyPrivate } from "../requests/addresses.js";

/** In characters. */
const LONGEST = 2000;

/** Why no webhook can go to this address; undefined when it can. */
export function webhookProblem(settings: Settings, url: string): string | undefined {
  if (!settings.signingSecrets.length) return "cannot be sent: this server signs none, since it has no SIGNING_SECRET";
  if (url.length > LONGEST || !URL.canParse(url)) return "must be a whole address, such as https://example.com/webhook";
  const { protocol, username, password } = new URL(url);
  if (username || password) return "must hold no user name and no password";
  if (isExempt(settings, url)) return undefined;
  return protocol === "https:" ? whyPrivate(url) : "must begin with https://";
}

/** Whether the deployer named its origin. */
export const isExempt = ({ webhookOrigins }: Settings, url: string): boolean => webhookOrigins.includes(new URL(url).origin);
