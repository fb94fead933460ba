// `luma-edge/worker` as it is built: a Worker of one's own, with sessions of one's own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "luma-edge";
import { ANNE, startOwnSite } from "./site.mjs";

const OWN = `
  import { Account as Records, createWorker } from "luma-edge/worker";
  export { Creation, Queue, Result } from "luma-edge/worker";
  export class Account extends Records {
    async reserve(reservation) {
      if (reservation.caller === "user:unlucky") throw new Error("the disk is full");
      const refusal = await super.reserve(reservation);
      if (reservation.caller === "user:unluckier") throw new Error("the answer is lost");
      return refusal;
    }
  }
  export default createWorker({
    async authorize(request) {
      const session = request.headers.get("x-session");
      if (session === "broken") throw new Error("the session of " + session + " cannot be read");
      await request.text();
      return session ? { name: session, limits: { jobsAtOnce: 1 } } : undefined;
    },
  });`;

let site;
before(async () => {
  site = await startOwnSite(OWN, { env: { DEFAULT_PROVIDER: undefined } });
});
after(() => site?.stop());

const as = (session, prompt) =>
  site.call("/luma/generations", { body: { model: "ray-3.2", prompt }, token: false, headers: { "x-session": session } });

test("a session is a caller, with limits and jobs of its own", async () => {
  const [one, other] = await Promise.all([as("anne", "A tiger"), as("bob", "A lion")]);
  assert.deepEqual([one.status, other.status], [201, 201]);
  assert.equal((await as("anne", "A second tiger")).status, 429);
  const seen = await site.call(`/luma/generations/${one.json.id}`, { token: false, headers: { "x-session": "bob" } });
  assert.equal(seen.status, 404);
});

test("a client of the library needs the Worker's address and no more", async () => {
  const inSession = (url, init) => fetch(url, { ...init, headers: { ...init.headers, "x-session": "carol" } });
  const { create, get } = createClient({ baseUrl: `${site.worker.url}/luma`, fetch: inSession });
  const made = await create({ prompt: "A fox" });
  assert.deepEqual([made.provider, (await get(made.id)).id], ["agents", made.id]);
});

test("where the reservation cannot be written, or nobody knows whether it was, nothing is sent", async () => {
  const before = await site.made();
  for (const session of ["unlucky", "unluckier"]) {
    const { status, json } = await as(session, "A wolf");
    assert.deepEqual([status, json.code], [429, "try_again"]);
  }
  assert.equal(await site.made(), before);
});

test("no session, one that cannot be read, and a token are refused; why is in the log", async () => {
  assert.equal((await as("", "A bear")).status, 401);
  assert.equal((await site.call("/luma/ping", { token: ANNE })).status, 401);
  const broken = await as("broken", "A bear");
  assert.deepEqual([broken.status, broken.json.detail], [401, "This request could not be authorized."]);
  assert.match(await site.line(broken.headers.get("x-request-id")), /cannot be read/);
});
