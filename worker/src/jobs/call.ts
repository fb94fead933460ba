// One request to the API of jobs, once its caller is known.

import type { Authorized } from "../auth/authorized.js";
import type { CallerRequest } from "../caller-request.js";

export interface JobsCall extends CallerRequest {
  caller: Required<Authorized>;
}
