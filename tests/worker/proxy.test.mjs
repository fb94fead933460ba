// Attacks on the proxy: none gets through, none crashes it, and each refusal says why without saying more than it should.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "luma-edge";
import { ANNE, BOB, IN_PROCESS, KEYS, startSite } from "./site.mjs";

let site;
before(async () => {
  site = await startSite({ env: { ORIGINS: ["https://site.example.com"], BODY_SECONDS: 1 } });
});
after(() => site?.stop());

const job = async (more) => (await site.create({ prompt: `A tiger ${Math.random()}` }, more)).json.id;
const refused = ({ status, json }, expected, words) => {
  assert.equal(status, expected, JSON.stringify(json));
  assert.match(json.detail, words);
};

test("the library's client works through it, at each provider, and so does Luma's own", async () => {
  for (const provider of ["dream-machine", "agents", "useapi", "piapi"]) {
    const client = createClient({ baseUrl: `${site.worker.url}/luma/${provider}`, provider, apiKey: ANNE });
    const { id } = await client.create({ prompt: "A tiger walking in snow" });
    assert.equal((await client.get(id)).id, id);
  }
  const { default: LumaAI } = await import("lumaai");
  const luma = new LumaAI({ authToken: ANNE, baseURL: `${site.worker.url}/luma` });
  const { id } = await luma.generations.create({ model: "ray-2", prompt: "A tiger walking in rain" });
  assert.equal((await luma.generations.get(id)).id, id);
  assert.ok((await luma.generations.list()).generations.some((one) => one.id === id));
});

test("the provider gets the server's key, and nothing of the caller's headers", async () => {
  let seen;
  site.intercept = ({ headers, path }) => {
    if (path.includes("/ping")) seen = headers;
  };
  const smuggled = {
    cookie: "session=1",
    "x-forwarded-for": "10.0.0.1",
    "x-http-method-override": "DELETE",
    forwarded: "for=1",
    "x-api-key": "mine",
    te: "trailers",
  };
  assert.equal((await site.call("/luma/ping", { headers: smuggled })).status, 200);
  site.intercept = undefined;
  const known = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "host",
    "user-agent",
    "content-length",
    "cf-connecting-ip",
    "cf-worker",
    ...(IN_PROCESS ? ["accept-language", "sec-fetch-mode"] : []), // of Node's fetch: "*" and "cors"
  ];
  assert.deepEqual(
    Object.keys(seen).filter((name) => !known.includes(name)),
    [],
  );
  assert.equal(seen.authorization, `Bearer ${KEYS.LUMA_API_KEY}`);
  assert.equal(seen.cookie, undefined);
});

test("the caller gets what the client reads, and no cookie or server of the provider", async () => {
  const { headers } = await site.call("/luma/ping");
  assert.equal(headers.get("set-cookie"), null);
  assert.equal(headers.get("server"), null);
  assert.ok(headers.get("date"));
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

test("without a token, or with one that is guessed, there is nothing", async () => {
  const guesses = [undefined, "", "guess", ANNE.slice(0, -1), `${ANNE}0`, ANNE.toUpperCase(), KEYS.LUMA_API_KEY, "x".repeat(100_000 / 10)];
  for (const token of guesses) refused(await site.call("/luma/ping", { token: token || false }), 401, /token/);
  for (const authorization of [`Basic ${btoa(`anne:${ANNE}`)}`, ANNE, `Bearer ${ANNE} ${ANNE}`, "Bearer"])
    assert.equal((await site.call("/luma/ping", { token: false, headers: { authorization } })).status, 401, authorization);
  assert.equal((await site.call("/luma/nowhere", { token: "guess" })).status, 401, "nor does it say which paths there are");
});

test("another caller's generation is as one that does not exist", async () => {
  const id = await job();
  for (const [path, more] of [
    [""],
    ["", { method: "DELETE" }],
    ["/upscale", { body: { resolution: "1080p" } }],
    ["/audio", { body: { prompt: "rain" } }],
  ]) {
    const [hers, nobodys] = await Promise.all(
      [id, "00000000-0000-0000-0000-000000000000"].map((id) => site.call(`/luma/generations/${id}${path}`, { ...more, token: BOB })),
    );
    assert.equal(hers.status, more || !IN_PROCESS ? 404 : 503, path);
    assert.deepEqual([hers.status, hers.text], [nobodys.status, nobodys.text], "and says the same");
  }
  const extended = await site.create({ keyframes: { frame0: { type: "generation", id } } }, { token: BOB });
  refused(extended, 404, /no such generation/);
  assert.equal((await site.call(`/luma/generations/${id}`)).status, 200, "it is still there");
  const ids = async (token) => (await site.call("/luma/generations?limit=100", { token })).json.generations.map((one) => one.id);
  assert.ok((await ids(ANNE)).includes(id));
  assert.ok(!(await ids(BOB)).includes(id));
});

test("an earlier generation is the caller's own under whatever name it is given", async () => {
  const { json } = await site.call("/luma/agents/generations", { body: { type: "video", prompt: "A tiger" } });
  const earlier = { generation_id: json.id };
  for (const more of [
    { video: { start_frame: earlier } },
    { video: { keyframes: [earlier] } },
    { first_frame: earlier },
    { keyframes: { frame0: { type: "generation", id: json.id } } },
    { keyframes: { frame1: earlier } },
    { source: earlier },
  ]) {
    const { status, text } = await site.call("/luma/agents/generations", {
      token: BOB,
      body: { type: "video", prompt: "A tiger", ...more },
    });
    assert.ok(status === 404 || status === 422, `${JSON.stringify(more)}: ${status} ${text}`);
  }
});

test("a list has the caller's own, page by page", async () => {
  const mine = [];
  for (let index = 0; index < 3; index++) {
    mine.unshift(await job({ token: BOB }));
    await job();
  }
  const page = async (query) => (await site.call(`/luma/generations?${query}`, { token: BOB })).json;
  const first = await page("limit=2");
  const second = await page("limit=2&offset=2");
  assert.deepEqual([...first.generations, ...second.generations].map(({ id }) => id).slice(0, 3), mine);
  assert.equal(first.has_more, true);
  assert.equal(second.has_more, false);
  assert.equal(first.count, 2, "it does not tell how many all have");
});

test("a list that is not read to its end says that there is more", async () => {
  let pages = 0;
  site.intercept = () => (response) => {
    const generations = Array.from({ length: 100 }, (_, row) => ({ id: `other-${pages}-${row}`, state: "completed" }));
    pages++;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ generations, has_more: true }));
  };
  const { json } = await site.call("/luma/generations?limit=5");
  site.intercept = undefined;
  assert.equal(pages, 10);
  assert.deepEqual(json, { generations: [], has_more: true, limit: 5, offset: 0, count: 0 });
});

test("at the resellers too, a list has the caller's own alone", async () => {
  const create = (path, body, token) => site.call(path, { body, token });
  const list = async (path, token) => (await site.call(path, { token })).text;
  for (const [made, listed, body] of [
    ["/luma/useapi/videos", "/luma/useapi/jobs", (prompt) => ({ prompt, model: "ray-v3-flash" })],
    [
      "/luma/piapi/api/v1/task",
      "/luma/piapi/api/open/tasks/histories?model=luma&page=1&page_size=10",
      (prompt) => ({ model: "luma", task_type: "video_generation", input: { prompt, model: "ray-v2" } }),
    ],
  ]) {
    const idOf = ({ json }) => json.jobid ?? json.data.task_id;
    const hers = idOf(await create(made, body("A tiger of Anne's"), ANNE));
    const his = idOf(await create(made, body("A tiger of Bob's"), BOB));
    const seen = await list(listed, BOB);
    assert.ok(seen.includes(his) && !seen.includes(hers), seen);
    assert.ok(!/"(total|count|executing)"/.test(seen), seen);
  }
});

test("files are a caller's own", async () => {
  const body = { mime_type: "image/png", size_bytes: 40_000_000, filename: "a.png" };
  const { json } = await site.call("/luma/agents/files", { body });
  const id = json.id ?? json.file.id;
  assert.equal((await site.call(`/luma/agents/files/${id}`)).status, 200);
  refused(await site.call(`/luma/agents/files/${id}`, { token: BOB }), 404, /no such file/);
  refused(await site.call(`/luma/agents/files/${id}`, { token: BOB, method: "DELETE" }), 404, /no such file/);
  const named = { type: "video", prompt: "A tiger", video: { start_frame: { file_id: id } } };
  refused(await site.call("/luma/agents/generations", { token: BOB, body: named }), 404, /no such file/);
  assert.deepEqual((await site.call("/luma/agents/files", { token: BOB })).json.data, []);
  assert.equal((await site.call("/luma/agents/files")).json.data.length, 1);
  refused(await site.call("/luma/agents/files", { body: { ...body, callback: "http://10.0.0.1" } }), 422, /callback/);
});

test("no path leads anywhere but to an operation of the table", async () => {
  const before = (await site.received()).length;
  const paths = [
    "/luma",
    "/luma/",
    "/luma//generations",
    "/luma/generations/",
    "/luma/luma/generations",
    "/luma/agents/agents/generations",
    "/luma/../luma/credits",
    "/luma/credits",
    "/luma/generations/%2e%2e/credits",
    "/luma/generations/..%2fcredits",
    "/luma/%2e%2e/%2e%2e/etc/passwd",
    "/luma/generations%2f..%2fcredits",
    "/luma/generations/..%5ccredits",
    "/luma/generations/a%00b",
    "/luma/generations/%252e%252e%252fcredits",
    "/luma/http://evil.example.com/",
    "/luma/http:%2f%2fevil.example.com",
    "/luma//evil.example.com/generations",
    "/luma/agents/credits",
    "/luma/useapi/accounts",
    "/luma/useapi/accounts/a@b.c",
    "/luma/piapi/account/info",
    "/luma/piapi/api/v1/task/..%2f..%2faccount",
    "/luma/__proto__/generations",
    "/luma/constructor",
    "/luma/generations/%",
    "/luma/generations/%c0%ae%c0%ae",
    "/generations",
    "/admin/",
  ];
  for (const path of paths) {
    for (const method of ["GET", "POST"]) {
      const request = `${method} ${path} HTTP/1.1\nhost: localhost\nauthorization: Bearer ${ANNE}\ncontent-type: application/json\ncontent-length: 2\nconnection: close\n\n{}`;
      const { status } = await site.raw(request);
      assert.ok(status === 404 || status === 405 || status === 400, `${method} ${path}: ${status}`);
    }
  }
  const absolute = await site.raw(
    `GET http://169.254.169.254/latest/meta-data HTTP/1.1\nhost: 169.254.169.254\nauthorization: Bearer ${ANNE}\nconnection: close\n\n`,
  );
  assert.equal(absolute.status, 404);
  assert.equal((await site.received()).length, before, "nothing reached the provider");
});

test("no parameter passes that is not known, or not in its form", async () => {
  for (const query of ["limit=-1", "limit=1&limit=2", "limit=1e9", "offset=x", "key=1", "limit=1%26all=1", "__proto__=1", "api_key=x"])
    refused(await site.call(`/luma/generations?${query}`), 400, /parameter/);
});

test("only the methods of the table", async () => {
  for (const method of ["PUT", "PATCH", "DELETE"]) refused(await site.call("/luma/generations", { method }), 405, /GET|POST/);
  // A client for another provider than that of /luma alone is told whose path it called.
  refused(await site.call("/luma/agents/generations/video", { method: "POST", body: {} }), 405, /path of agents takes GET only/);
  refused(await site.call("/luma/agents/generations/image/x", { method: "POST", body: {} }), 404, /agents has no such path/);
  assert.equal(
    (await site.raw(`TRACE /luma/ping HTTP/1.1\nhost: a\nauthorization: Bearer ${ANNE}\nconnection: close\n\n`)).status >= 400,
    true,
  );
});

test("bodies: malformed, of another type, oversized, nested, broken off, slow", async () => {
  const before = await site.made();
  const send = (body, headers) => site.call("/luma/generations/video", { body, headers });
  for (const body of ["", "{", "[]", "null", '"x"', "1", '{"prompt":}', "\u0000", `{"prompt":"a"}{"prompt":"b"}`])
    refused(await send(body), 400, /JSON|object/);
  refused(await send("[".repeat(100_000)), 400, /JSON|nested/);
  refused(await send(`{"a":${"[".repeat(50)}${"]".repeat(50)}}`), 400, /nested/);
  refused(await send("{}", { "content-type": "text/plain" }), 415, /json/);
  refused(await send("{}", { "content-type": "application/json; charset=utf-16" }), 415, /json/);
  refused(await send("{}", { "content-encoding": "gzip" }), 415, /compressed/);
  const head = `POST /luma/generations/video HTTP/1.1\nhost: a\nauthorization: Bearer ${ANNE}\ncontent-type: application/json\ncontent-length: 100\nconnection: close\n\n`;
  // Over a connection of its own: the server ends one on which a body was refused unread.
  const tooLarge = (length) => head.replace("content-length: 100", length);
  assert.match((await site.raw(tooLarge("content-length: 1000001"))).text, /^HTTP\/1.1 413.*too large/s);
  const chunk = `fde8\n${" ".repeat(65_000)}\n`;
  assert.match((await site.raw(`${tooLarge("transfer-encoding: chunked")}${chunk.repeat(16)}`)).text, /^HTTP\/1.1 413.*too large/s);
  const slow = await site.raw(`${head}{"prompt":`);
  assert.equal(slow.status, 400);
  assert.match(slow.text, /too long/);
  assert.equal(await site.made(), before);
});

test("requests are checked by the library's rules and by this server's", async () => {
  const problems = async (body) => {
    const { status, json } = await site.create(body);
    assert.equal(status, 422);
    return json.problems.map(({ path }) => path);
  };
  assert.deepEqual(await problems({ prompt: "" }), ["prompt"]);
  assert.deepEqual(await problems({ model: "ray-9" }), ["model"]);
  assert.deepEqual(await problems({ resolution: "16k" }), ["resolution"]);
  assert.deepEqual(await problems({ priority: "high", __proto: 1 }), ["priority", "__proto"]);
  assert.deepEqual(await problems({ callback_url: "https://127.1/" }), ["callback_url"]);
  assert.deepEqual(await problems({ keyframes: { frame0: { type: "image", url: "http://169.254.169.254/latest" } } }), [
    "keyframes.frame0.url",
  ]);
  const polluted = await site.call("/luma/generations/video", { body: '{"prompt":"A tiger","model":"ray-2","__proto__":{"x":1}}' });
  assert.equal(polluted.status, 422);
  const agents = await site.call("/luma/agents/generations", {
    body: { type: "video", prompt: "x", video: { duration: "5s", priority: 9 } },
  });
  assert.deepEqual(
    agents.json.problems.map(({ path }) => path),
    ["video"],
  );
  for (const type of ["toString", "constructor", "__proto__"]) {
    const { status, json } = await site.call("/luma/agents/generations", { body: { type, prompt: "x", priority: 9 } });
    assert.equal(status, 422, `${type}, which every object has, is no form`);
    assert.ok(json.problems.some(({ path }) => path === "generation_type"));
  }
});

test("what the library tells of a request and sends all the same passes", async () => {
  const media = { url: "https://files.example.com/a.mp4" };
  const size = { aspect_ratio: "16:9", resolution: "1080p" };
  const client = createClient({ provider: "agents", baseUrl: "https://provider.example.com" });
  const told = await client.validate({ generation_type: "reframe_video", prompt: "A tiger", media, ...size });
  assert.deepEqual(
    told.map(({ code }) => code),
    ["disputed"],
  );
  const body = { type: "video_reframe", prompt: "A tiger", source: media, aspect_ratio: "16:9", video: { resolution: "1080p" } };
  const { status, text } = await site.call("/luma/agents/generations", { body });
  assert.equal(status, 201, text);
});

test("nothing is fetched or uploaded for a request, and no address within one leads inside", async () => {
  const url = "https://files.example.com/a.png";
  const generation = { id: "1", state: "completed", assets: { video: url, image: url } };
  const before = (await site.received()).length;
  for (const [path, body] of [
    ["/luma/useapi/videos", { prompt: "A tiger", keyframes: { frame0: { type: "image", url } } }],
    ["/luma/useapi/videos", { prompt: "A tiger", model: "ray-v3", character_ref: { identity0: { images: [url] } } }],
    ["/luma/generations/image", { prompt: "A tiger", character_ref: { identity0: { images: ["http://2130706433/"] } } }],
    ["/luma/generations/video", { prompt: "A tiger", model: "ray-2", keyframes: { frame0: generation } }],
    ["/luma/agents/generations", { type: "video_edit", prompt: "A tiger", source: "http://10.0.0.1/a.mp4" }],
    ["/luma/agents/generations", { type: "video_edit", prompt: "A tiger", source: "data:video/mp4;base64,AA" }],
    ["/luma/agents/generations", { type: "video_edit", prompt: "A tiger", source: generation }],
  ]) {
    const { status, text } = await site.call(path, { body });
    assert.equal(status, 422, `${JSON.stringify(body)}: ${text}`);
  }
  assert.equal((await site.received()).length, before);
});

test("headers: none is smuggled in, none injected", async () => {
  const line = (name, value) =>
    `POST /luma/generations/video HTTP/1.1\nhost: a\nauthorization: Bearer ${ANNE}\ncontent-type: application/json\n${name}: ${value}\nconnection: close\n\n`;
  const before = await site.made();
  for (const request of [
    `${line("transfer-encoding", "chunked\ncontent-length: 4")}0\n\nGET /luma/credits HTTP/1.1\nhost: a\n\n`,
    line("content-length", "5\ncontent-length: 60"),
    line("transfer-encoding", "xchunked"),
  ]) {
    const { status, text } = await site.raw(request);
    assert.ok(status >= 400 || status === 0, text);
    assert.ok(!text.includes("credit_balance"));
  }
  const key = await site.create({}, { headers: { "idempotency-key": "a b" } });
  refused(key, 400, /Idempotency-Key/);
  refused(await site.create({}, { headers: { "idempotency-key": "x".repeat(256) } }), 400, /Idempotency-Key/);
  assert.equal(await site.made(), before);
});

test("pages of listed origins may call, and no others", async () => {
  const of = (origin, more) => site.call("/luma/ping", { headers: { origin }, ...more });
  const listed = await of("https://site.example.com");
  assert.equal(listed.headers.get("access-control-allow-origin"), "https://site.example.com");
  assert.equal(listed.headers.get("access-control-allow-credentials"), null);
  assert.match(listed.headers.get("vary"), /origin/i);
  assert.equal((await of(site.worker.url)).status, 200, "a page of its own origin");
  const others =
    "null https://site.example.com.evil.com https://evil-site.example.com http://site.example.com https://site.example.com:444 https://SITE.example.com *";
  for (const origin of others.split(" ")) {
    const { status, headers } = await of(origin);
    assert.equal(status, 403, origin);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const preflight = await of("https://site.example.com", { method: "OPTIONS", token: false });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-headers"), /idempotency-key/);
  assert.equal((await of("https://evil.com", { method: "OPTIONS", token: false })).status, 403);
});

test("a provider that answers with a page, a redirect, its key or a flood does no harm", async () => {
  const id = await job();
  const answers = (status, headers, body) => {
    site.intercept = () => (response) => response.writeHead(status, headers).end(body);
  };
  answers(200, { "content-type": "text/html" }, "<script>alert(1)</script>");
  const page = await site.call("/luma/ping");
  assert.equal(page.headers.get("content-type"), "text/plain; charset=utf-8");
  answers(302, { location: "https://evil.example.com/" }, "");
  assert.equal((await site.call("/luma/ping")).status, 502);
  assert.equal((await site.call(`/luma/generations/${id}`)).status, 502);
  answers(401, { "content-type": "application/json" }, `{"detail":"bad key ${KEYS.LUMA_API_KEY}"}`);
  for (const path of ["/luma/ping", `/luma/generations/${id}`]) refused(await site.call(path), 403, /server's key/);
  refused(await site.create(), 403, /server's key/);
  answers(403, { "content-type": "application/json" }, '{"detail":"Insufficient credits"}');
  for (const path of ["/luma/ping", `/luma/generations/${id}`]) refused(await site.call(path), 403, /Insufficient credits/);
  refused(await site.create(), 403, /Insufficient credits/);
  for (const shown of [KEYS.LUMA_API_KEY, encodeURIComponent(KEYS.USEAPI_TOKEN), btoa(`:${KEYS.LUMA_API_KEY}`), btoa(KEYS.USEAPI_TOKEN)]) {
    answers(500, { "content-type": "application/json" }, `{"detail":"with ${shown} at once"}`);
    const cleaned = /with .{0,3}\[secret\].{0,4} at once/;
    assert.match((await site.call("/luma/ping")).text, cleaned);
    assert.match((await site.call(`/luma/generations/${id}`)).text, cleaned);
  }
  answers(200, { "content-type": "application/json" }, `{"id":"${"x".repeat(3_000_000)}"}`);
  assert.equal((await site.call(`/luma/generations/${id}`)).status, 502);
  site.intercept = () => "cut";
  assert.equal((await site.call("/luma/ping")).status, 502);
  site.intercept = undefined;
  assert.equal((await site.call("/luma/ping")).status, 200);
});

test("health is open, and says no more than that", async () => {
  const { status, text } = await site.call("/health", { token: false });
  const parts = { records: "ok", ...(!IN_PROCESS && { jobs: "ok", results: "ok" }) };
  assert.deepEqual([status, JSON.parse(text)], [200, { status: "ok", parts }]);
});

test("each request is one line of the log, with the id that its answer has", async () => {
  const { headers } = await site.call(`/luma/generations/${encodeURIComponent(ANNE)}`);
  const id = headers.get("x-request-id");
  const line = JSON.parse(await site.line(id));
  assert.deepEqual([line.method, line.route, line.caller], ["GET", "/luma/dream-machine/generations/:id", "caller-1"]);
  assert.equal(line.status, IN_PROCESS ? 503 : 404);
});
