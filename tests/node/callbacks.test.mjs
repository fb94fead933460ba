// Callbacks, from the address that is given out to the generation that is accepted.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createClient, LumaError } from "luma-edge";
import { callbackUrl, verifyCallback } from "luma-edge/callbacks";
import { createSimulator } from "luma-edge/simulator";

const SECRET = "a-secret-of-the-worker-0123456789";
const HOOK = "https://worker.example/luma";
const TIGER = { prompt: "A tiger walking in snow" };
const DAY = 86_400_000;

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

/** A simulator whose callbacks arrive as requests, a client of it, and what the client sent. */
function world(options) {
  const arrived = [];
  const deliver = async (url, init) => {
    arrived.push(new Request(url, { ...init, signal: undefined }));
    return new Response();
  };
  const simulator = createSimulator({ clock: "auto", deliver });
  const sent = [];
  const onEvent = ({ type, method, url }) => type === "request" && sent.push(`${method} ${new URL(url).pathname}`);
  const client = createClient({ apiKey: "any-key", fetch: simulator.fetch, clock: simulator.clock, onEvent, ...options });
  return { simulator, client, arrived, sent };
}

for (const [base, begins] of [
  [HOOK, `${HOOK}?luma_ticket=`],
  [new URL(`${HOOK}?kind=video`), `${HOOK}?kind=video&luma_ticket=`],
  [`${HOOK}/{ticket}?job={ticket}`, `${HOOK}/{ticket}?job={ticket}&luma_ticket=`],
]) {
  test(`an address is accepted, as a request, an address or a path: ${base}`, async () => {
    for (const ticket of ["order-17", "a b&c=d?e#f/{ticket}+%20", "Größe 北", ""]) {
      const url = await callbackUrl(base, SECRET, ticket);
      assert.ok(url.startsWith(begins), url);
      for (const received of [
        url,
        new URL(url),
        new Request(url, { method: "POST" }),
        { url: url.slice("https://worker.example".length) },
      ]) {
        const { ticket: told, expires } = await verifyCallback(received, SECRET);
        assert.equal(told, ticket);
        assert.ok(Math.abs(expires - Date.now() - 7 * DAY) < DAY);
      }
    }
  });
}

test("the address does not have the secret, and what follows a # stays behind", async () => {
  const url = await callbackUrl(`${HOOK}#there`, SECRET, "order-17");
  assert.ok(!url.includes(SECRET) && url.endsWith("#there") && /^[\w:/?&=.#~-]+$/.test(url), url);
  assert.equal((await verifyCallback(url, SECRET)).ticket, "order-17");
});

test("whatever is changed in an address, it is rejected", async () => {
  const url = await callbackUrl(HOOK, SECRET, "order-17");
  const [, signature] = /luma_signature=([\w-]+)/.exec(url);
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  for (const forged of [
    HOOK,
    url.replace("order-17", "order-18"),
    url.replace(/luma_expires=\d/, "luma_expires=9"),
    url.replace("luma_expires", "expires"),
    url.replace(signature, flipped),
    url.replace(signature, signature.slice(0, -4)),
    url.replace(signature, ""),
    url.replace(signature, "%%%"),
    // the boundary between the two that are signed
    url.replace("order-17", "7").replace(/luma_expires=(\d+)/, "luma_expires=$1%20order-1"),
    await callbackUrl(HOOK, `${SECRET}!`, "order-17"),
    // what no address can be: a server has it from `GET //`
    "//",
    { url: "//" },
  ]) {
    const error = await caught(verifyCallback(forged, SECRET));
    assert.ok(error instanceof LumaError && error instanceof Error, `${forged}: ${error}`);
    assert.equal(error.code, "authentication", forged);
    assert.ok(!error.message.includes(SECRET));
  }
});

test("an address ends, by a time or a date", async () => {
  for (const expires of [-1, new Date(Date.now() - 1), 0]) {
    const url = await callbackUrl(HOOK, SECRET, "order-17", { expires });
    while (Date.now() <= Number(new URL(url).searchParams.get("luma_expires")));
    assert.equal((await caught(verifyCallback(url, SECRET))).code, "gone");
    assert.equal(
      (await caught(verifyCallback(url.replace("order-17", "order-18"), SECRET))).code,
      "authentication",
      "what is forged is not told that it ended",
    );
  }
  const end = new Date(Date.now() + 60_000);
  assert.deepEqual((await verifyCallback(await callbackUrl(HOOK, SECRET, "order-17", { expires: end }), SECRET)).expires, end);
});

for (const [what, args, path] of [
  ["a short secret", [HOOK, "0123456789", "order-17"], "secret"],
  ["no secret", [HOOK, undefined, "order-17"], "secret"],
  ["no ticket", [HOOK, SECRET, undefined], "ticket"],
  ["an endless one", [HOOK, SECRET, "order-17", { expires: Infinity }], "expires"],
  ["a date that is none", [HOOK, SECRET, "order-17", { expires: new Date("soon") }], "expires"],
]) {
  test(`no address is made with ${what}`, async () => {
    const { code, problems } = await caught(callbackUrl(...args));
    assert.deepEqual([code, problems[0].path], ["invalid_request", path]);
  });
}

test("an address goes to the provider and back, with the client's own ticket in it", async () => {
  const { client, arrived } = world();
  const callback_url = await callbackUrl(`${HOOK}?job={ticket}`, SECRET, "order-17");
  await client.generate({ ...TIGER, callback_url });
  assert.ok(arrived.length >= 2, "dreaming and completed");
  for (const request of arrived) {
    assert.match(new URL(request.url).searchParams.get("job"), /^\d+-\d+$/);
    assert.equal((await verifyCallback(request, SECRET)).ticket, "order-17");
  }
});

/** Who posts what: the key, what more a request needs, the ways in which a job fails, and whether the secret comes back. */
for (const { provider, apiKey, secret } of [
  { provider: "dream-machine", apiKey: "any-key" },
  { provider: "useapi", apiKey: "user:1-key" },
  { provider: "piapi", apiKey: "any-key", secret: SECRET },
]) {
  const request = { ...TIGER, callback_url: HOOK, ...(secret && { callback_secret: secret }) };
  test(`${provider}: what was posted is a hint, and the job is read again`, async () => {
    const { client, arrived, sent } = world({ provider, apiKey });
    const made = await client.generate(request);
    const states = [];
    for (const call of arrived) {
      sent.length = 0;
      const { generation, posted } = await client.parseCallback(call);
      states.push(posted.state);
      assert.deepEqual([posted.id, posted.provider, generation.id, generation.state], [made.id, provider, made.id, "completed"]);
      assert.ok(generation.assets.video);
      assert.equal(sent.length, 1);
    }
    assert.equal(states.at(-1), "completed");
  });

  test(`${provider}: what was posted is accepted when asked to, in whatever form and however often it came`, async () => {
    const { client, arrived, sent } = world({ provider, apiKey });
    await client.generate(request);
    const body = await arrived.at(-1).text();
    sent.length = 0;
    for (const call of [
      { body },
      { body: JSON.parse(body) },
      { headers: {}, body: new TextEncoder().encode(body) },
      new Request(HOOK, { method: "POST", body }),
      { body },
    ]) {
      const { generation, posted } = await client.parseCallback(call, { trust: true });
      assert.equal(generation.state, "completed");
      assert.deepEqual(generation, posted);
    }
    assert.deepEqual(sent, []);
  });

  test(`${provider}: what is not about a job of it is refused, and nothing is asked`, async () => {
    const { client, sent } = world({ provider, apiKey });
    for (const call of [
      { body: "" },
      { body: "<html>" },
      { body: "[]" },
      { body: "null" },
      { body: {} },
      {},
      undefined,
      { body: '{"state":"completed"}' },
    ]) {
      assert.equal((await caught(client.parseCallback(call))).code, "protocol", JSON.stringify(call));
    }
    assert.deepEqual(sent, []);
  });

  test(`${provider}: a job that is not the account's is rejected`, async () => {
    const { client, arrived } = world({ provider, apiKey });
    await client.generate(request);
    const stranger = world({ provider, apiKey }).client;
    assert.equal((await caught(stranger.parseCallback(arrived.at(-1)))).code, "not_found");
  });

  test(`${provider}: with a secret, a callback is accepted only with it`, async () => {
    const { client, arrived } = world({ provider, apiKey });
    await client.generate(request);
    const body = await arrived.at(-1).text();
    const read = (headers) => client.parseCallback({ headers, body }, { secret: SECRET, trust: true });
    for (const headers of [{ "x-webhook-secret": SECRET }, { "X-Webhook-Secret": SECRET }, new Headers({ "x-webhook-secret": SECRET })]) {
      assert.equal((await read(headers)).generation.state, "completed");
    }
    for (const headers of [undefined, {}, new Headers(), { "x-webhook-secret": SECRET.slice(1) }, { "x-webhook-secret": "" }]) {
      const error = await caught(read(headers));
      assert.equal(error.code, "authentication");
      assert.ok(!error.message.includes(SECRET));
    }
  });

  test(`${provider}: the secret ${secret ? "comes back in a header, and nowhere else" : "is not sent"}`, async () => {
    const { client, arrived } = world({ provider, apiKey });
    await client.generate(request);
    const reading = client.parseCallback(arrived.at(-1), { secret: SECRET });
    if (!secret) return assert.equal((await caught(reading)).code, "authentication");
    const { generation, posted } = await reading;
    assert.ok(generation.assets.video);
    assert.ok(!JSON.stringify([generation, posted]).includes(SECRET));
  });

  test(`${provider}: a failed job is reported as such`, async () => {
    const { client, arrived } = world({ provider, apiKey });
    await caught(client.generate({ ...request, prompt: "A tiger [fail:moderation]" }));
    const { generation } = await client.parseCallback(arrived.at(-1));
    assert.deepEqual([generation.state, generation.failure.code], ["failed", "moderation"]);
  });
}

test("agents has no callbacks", async () => {
  const { code, message } = await caught(createClient({ provider: "agents", apiKey: "luma-api-key" }).parseCallback({ body: "{}" }));
  assert.equal(code, "unsupported");
  assert.match(message, /poll/);
});

test("useapi: the caller's own word comes back, wherever the callback has it", async () => {
  const { client, arrived } = world({ provider: "useapi", apiKey: "user:1-key" });
  const made = await client.generate({ ...TIGER, callback_url: HOOK, callback_ref: "order-17" });
  const { callback_ref, generation } = await client.parseCallback(arrived.at(-1));
  assert.deepEqual([callback_ref, generation.id], ["order-17", made.id]);
  const job = { jobid: made.id, status: "completed" };
  for (const [body, told] of [
    [{ ...job, replyRef: "a" }, "a"],
    [{ ...job, request: { replyRef: "b" }, response: null }, "b"],
    [{ ...job, replyRef: "", response: { replyRef: "c" } }, "c"],
    [{ ...job, replyRef: 7 }, undefined],
    [job, undefined],
  ]) {
    const parsed = await client.parseCallback({ body }, { trust: true });
    assert.equal(parsed.callback_ref, told);
    assert.equal("callback_ref" in parsed, told !== undefined);
  }
});

/** Posts that do not end, in each form that is read here. */
const endless = (piece) => {
  const state = { pieces: 0 };
  const pull = (controller) => {
    if (state.pieces++ && !piece) return new Promise(() => {});
    controller.enqueue(new TextEncoder().encode(piece ?? "{"));
  };
  const body = () => new ReadableStream({ pull });
  const posts = {
    request: () => new Request(HOOK, { method: "POST", body: body(), duplex: "half" }),
    stream: () => ({ headers: {}, [Symbol.asyncIterator]: () => body()[Symbol.asyncIterator]() }),
  };
  return { state, posts };
};

test("a post that does not end is left when the signal aborts", async () => {
  const { client, sent } = world();
  const posts = { ...endless().posts, text: () => ({ headers: new Headers(), text: () => new Promise(() => {}) }) };
  for (const [form, post] of Object.entries(posts)) {
    const leave = new AbortController();
    const reason = new Error("enough");
    const reading = caught(client.parseCallback(post(), { signal: leave.signal }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    leave.abort(reason);
    const { code, cause } = await reading;
    assert.deepEqual([code, cause], ["aborted", reason], form);
    assert.equal((await caught(client.parseCallback(post(), { signal: AbortSignal.abort() }))).code, "aborted", form);
  }
  assert.deepEqual(sent, []);
});

test("a post of more than 1 MB is refused, and not read to its end", async () => {
  const { client, sent } = world();
  const large = `"${"x".repeat(1_000_000)}"`;
  const { state, posts } = endless("x".repeat(100_000));
  for (const post of [
    posts.request(),
    posts.stream(),
    { headers: new Headers(), text: async () => large },
    { body: large },
    { body: new TextEncoder().encode(large) },
  ]) {
    const { code, message } = await caught(client.parseCallback(post, { trust: true }));
    assert.equal(code, "protocol");
    assert.match(message, /it is larger than 1 MB$/);
  }
  assert.ok(state.pieces < 40, `${state.pieces} pieces`);
  assert.deepEqual(sent, []);
});

test("a request of Node's own that is too large can still be answered", async (t) => {
  const { client } = world();
  const server = createServer(async (request, response) => {
    const { code } = await caught(client.parseCallback(request));
    response.writeHead(413, { connection: "close" }).end(code);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { method: "POST", body: "x".repeat(1_100_000) });
  assert.deepEqual([response.status, await response.text()], [413, "protocol"]);
});

test("a request of Node's own is read, unless somebody has read it", async (t) => {
  const { client, simulator } = world();
  const { id } = await client.create(TIGER);
  const posted = JSON.stringify({ id, state: "dreaming", request: { prompt: "ein Tiger im Schnee, größer" } });
  const outcomes = [];
  const server = createServer(async (request, response) => {
    if (request.url === "/read") for await (const _ of request);
    outcomes.push(await client.parseCallback(request).catch((error) => error));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  for (const path of ["", "read"]) await fetch(`http://127.0.0.1:${server.address().port}/${path}`, { method: "POST", body: posted });
  const [read, late] = outcomes;
  assert.deepEqual([read.posted.id, read.posted.raw.request.prompt.length], [id, 27]);
  assert.equal(late.code, "protocol");
  assert.match(late.message, /it has no body; a stream can be read once/);
  assert.equal((await caught(client.parseCallback({}))).code, "protocol");
  await simulator.generations();
});
