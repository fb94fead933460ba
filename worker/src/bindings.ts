// What wrangler.jsonc binds is what the Worker reads: a name or a kind that it does not know does not compile.

import type { Env } from "./env.js";

type Bound = Cloudflare.Env;
type Read = { [Name in keyof Bound]: Name extends keyof Env ? Required<Env>[Name] : never };

declare const bound: Bound;
bound satisfies Read;
