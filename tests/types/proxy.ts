// The proxy without Cloudflare's types: Node, Deno, Bun and frameworks have none.

import { createProxy, type Limits } from "luma-edge/proxy";

const limits: Limits = { usdPerDay: 1 };
const proxy = createProxy({ authorize: ({ headers }) => ({ name: headers.get("x-user") ?? "nobody", limits }) });
export const GET: (request: Request) => Promise<Response> = proxy;
// @ts-expect-error: a caller has a name
createProxy({ authorize: () => ({}) });
