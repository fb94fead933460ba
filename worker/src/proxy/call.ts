// One request of a caller's, as the gates before it have read it.

import type { ProviderId } from "luma-edge";
import type { Authorized } from "../auth/authorized.js";
import type { CallerRequest } from "../caller-request.js";
import type { Asked } from "./operations.js";

export interface Call extends CallerRequest, Asked {
  caller: Required<Authorized>;
  provider: ProviderId;
  /** Known parameters, with the question mark. */
  query: string;
}
