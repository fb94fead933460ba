import type { ClientOptions } from "../types/options.js";

/** A fetch that may send a request in a way of its own. */
export type Fetch = NonNullable<ClientOptions["fetch"]>;
