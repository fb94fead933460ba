// GET /jobs/events, GET /jobs/:id/events: jobs as they change, by Server-Sent Events or by a WebSocket.

import { SUBPROTOCOL, subprotocolsOf } from "../auth/token.js";
import { orTryAgain, Refusal, type RefusalData } from "../refusal.js";
import type { JobsCall } from "./call.js";
import { queueOf } from "./stub.js";
import type { SubscriptionRequest } from "./subscription.js";

/** @throws {Refusal} */
export async function events({ request, env, caller }: JobsCall, id: string | undefined): Promise<Response> {
  const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  const after = lastEventIdOf(request);
  const wanted: SubscriptionRequest = { caller: caller.name, ...(id !== undefined && { id }), ...(after !== undefined && { after }) };
  const address = `https://queue/?${new URLSearchParams({ wanted: JSON.stringify(wanted) })}`;
  const answer = await orTryAgain(
    queueOf(env).fetch(address, isSocket ? { headers: { upgrade: "websocket" } } : {}),
    "Nothing was changed: connect again.",
  );
  if (answer.status >= 400) throw Refusal.of(await answer.json<RefusalData>());
  if (!isSocket) return new Response(answer.body, { headers: answer.headers });
  const headers = subprotocolsOf(request).includes(SUBPROTOCOL) ? { "sec-websocket-protocol": SUBPROTOCOL } : {};
  return new Response(null, { status: 101, webSocket: answer.webSocket ?? null, headers });
}

/** @throws {Refusal} for one that no event had */
function lastEventIdOf(request: Request): number | undefined {
  const given = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("last_event_id");
  if (given === null || given === "") return undefined;
  if (!/^\d{1,15}$/.test(given)) throw new Refusal(400, "bad_request", "The last event id must be one that an event had.");
  return Number(given);
}
