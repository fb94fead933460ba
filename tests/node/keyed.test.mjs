// Where a creation goes out with an idempotency key. A page sends a server of another origin no header that it may refuse.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createClient } from "luma-edge";

afterEach(() => {
  delete globalThis.location;
  delete globalThis.origin;
});

/** What a creation at that address sends: `key` or `no key` for the creation itself, and what is asked before. */
async function sent(options, answered = {}) {
  const calls = [];
  const fetch = async (url, { method, headers }) => {
    const path = url.replace(options.baseUrl, "");
    calls.push(method === "POST" ? ("idempotency-key" in headers ? "key" : "no key") : path);
    if (method === "GET") return Response.json({ detail: "Not Found" }, { status: 404, headers: answered });
    return Response.json({ id: "job-1", state: "queued", type: "video", model: "ray-3.2" }, { status: 201, headers: answered });
  };
  await createClient({ provider: "agents", fetch, ...options }).create({ prompt: "A tiger" });
  return calls;
}

const page = (origin) => {
  globalThis.location = new URL(`${origin}/index.html`);
  globalThis.origin = origin;
};

const OURS = { "luma-edge-idempotency": "1" };

test("outside pages each creation at a proxy has one, and none at the provider's own address", async () => {
  assert.deepEqual(await sent({ baseUrl: "https://one.example.com/luma" }), ["key"]);
  assert.deepEqual(await sent({ baseUrl: "https://agents.lumalabs.ai/v1", apiKey: "luma-api-1" }), ["no key"]);
  assert.deepEqual(await sent({ baseUrl: "https://two.example.com/luma", idempotencyKeys: false }), ["no key"]);
});

test("in a page it has one at the page's own origin, and elsewhere once that server honours keys", async () => {
  page("https://page.example.com");
  assert.deepEqual(await sent({ baseUrl: "/luma" }), ["key"]);
  assert.deepEqual(await sent({ baseUrl: "https://page.example.com/luma" }), ["key"]);
  assert.deepEqual(await sent({ baseUrl: "https://three.example.com/luma" }), ["/creations/0", "no key"]);
  assert.deepEqual(await sent({ baseUrl: "https://three.example.com/luma" }), ["no key"], "it is not asked again");
  assert.deepEqual(await sent({ baseUrl: "https://four.example.com/luma" }, OURS), ["/creations/0", "key"]);
  assert.deepEqual(await sent({ baseUrl: "https://five.example.com/luma", idempotencyKeys: true }), ["key"]);
});
