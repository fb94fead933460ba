// What a caller's body asks for, in luma-edge's own words. It is never passed on as it came: the library checks the request and writes the
// body anew, so what was checked is what is sent.

import type { ProviderId } from "luma-edge";
import { agents } from "./agents.js";
import { dreamMachine } from "./dream-machine.js";
import type { Body } from "./fields.js";
import { piapi, schemaOf } from "./piapi.js";
import { useapi } from "./useapi.js";

const READERS: Record<ProviderId, (path: string, body: Body) => Body> = { "dream-machine": dreamMachine, agents, useapi, piapi };

export interface Requested {
  request: Body;
  /** PiAPI: in which year's fields. */
  schema?: "2026" | "2025";
}

/** @param path the operation's, as its table has it */
export function requestOf(provider: ProviderId, path: string, body: Body): Requested {
  const request = READERS[provider](path, body);
  return provider === "piapi" ? { request, schema: schemaOf(body) } : { request };
}
