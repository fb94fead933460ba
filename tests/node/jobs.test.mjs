// `luma-edge/jobs` against a small server that speaks the jobs API and breaks connections when it is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import * as index from "luma-edge";
import { createJobsClient, LumaError } from "luma-edge/jobs";
import { createSimulator } from "luma-edge/simulator";

const TOKEN = "a-token-that-must-show-nowhere";
const TIGER = { model: "ray-3.2", prompt: "A tiger walking in snow" };
const MADE = { id: "g-1", provider: "agents", state: "completed", assets: { video: "https://example.com/tiger.mp4" }, raw: {} };

/** Waits that are pauses are over at once; that for a silent connection lasts until a test says so. */
const clock = {
  pauses: [],
  silent: new Set(),
  now: () => 0,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (ms < 40_000) return resolve(clock.pauses.push(ms));
      clock.silent.add(resolve);
      signal.addEventListener("abort", () => (clock.silent.delete(resolve), resolve()));
    }),
};

let server, baseUrl;
/** What the server knows, and how it fails. */
let jobs, submitted, streams, seen, faults, seq;

before(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  for (const { response } of streams ?? []) response.destroy();
  [jobs, submitted, streams, seen, faults, seq] = [new Map(), new Map(), new Set(), [], [], 0];
  clock.pauses = [];
});

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const { method, headers } = request;
  let text = "";
  for await (const piece of request) text += piece;
  const fault = faults.length ? faults.shift() : undefined;
  seen.push({ method, path: request.url, headers });
  const reply = (status, body, more) =>
    response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(body));
  if (fault === "cut") return response.destroy();
  if (typeof fault === "function") return fault(response, reply);
  if (headers.authorization !== `Bearer ${TOKEN}`) return reply(401, { detail: "A token is needed.", code: "unauthorized" });
  const [, , id, events] = pathname.split("/");
  if (method === "POST") {
    const key = headers["idempotency-key"];
    const before = submitted.get(key);
    if (before && before.text !== text) return reply(409, { detail: "This Idempotency-Key was used before.", code: "idempotency" });
    if (!before) {
      const { request, requests = [request], label } = JSON.parse(text);
      submitted.set(key, { text, jobs: requests.map((request) => add({ request, ...(label && { label }) })) });
    }
    return fault === "cut-after" ? response.destroy() : reply(202, { jobs: submitted.get(key).jobs });
  }
  if (id === "events" || events) {
    const from = Number(headers["last-event-id"] ?? (events ? 0 : Number.NaN));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`: welcome\n\n`);
    const stream = { id: events && id, response };
    if (Number.isNaN(from)) response.write(`id: ${seq}\n\n`);
    for (const job of [...jobs.values()].sort((one, other) => one.seq - other.seq)) if (job.seq > from) tell(stream, job);
    streams.add(stream);
    response.on("close", () => streams.delete(stream));
    return fault === "cut-after" ? response.destroy() : wake();
  }
  const job = jobs.get(id);
  if (!id) {
    const all = [...jobs.values()].reverse().map(shown);
    const [at, limit] = [Number(searchParams.get("cursor") ?? 0), Number(searchParams.get("limit") ?? 100)];
    const found = all.filter(({ state }) => !searchParams.has("state") || state === searchParams.get("state"));
    return reply(200, { jobs: found.slice(at, at + limit), ...(found.length > at + limit && { cursor: String(at + limit) }) });
  }
  if (!job) return reply(404, { detail: "There is no such job.", code: "not_found" });
  if (method === "DELETE") {
    if (job.state !== "waiting")
      return reply(409, { detail: "The job was sent already.", code: job.state === "cancelled" ? "already_ended" : "already_sent" });
    change(id, { state: "cancelled" });
    if (fault === "cut-after") return response.destroy();
    return reply(200, shown(jobs.get(id)));
  }
  return reply(200, { ...shown(job), history: [{ at: job.created_at, event: "accepted" }] });
}

const at = (seq) => new Date(1_800_000_000_000 + seq).toISOString();
const shown = ({ seq: _, ...job }) => job;

function add(fields = {}) {
  const id = `job_${String(jobs.size + 1).padStart(22, "0")}`;
  const job = { id, provider: "agents", state: "waiting", request: TIGER, ...fields, seq: ++seq, created_at: at(seq), updated_at: at(seq) };
  jobs.set(id, job);
  return shown(job);
}

/** Changes a job, and tells whoever watches. */
function change(id, fields) {
  const job = { ...jobs.get(id), seq: ++seq, updated_at: at(seq), ...fields };
  jobs.set(id, job);
  for (const stream of streams) tell(stream, job);
}

function tell({ id, response }, job) {
  if (id && id !== job.id) return;
  response.write(`id: ${job.seq}\nevent: job\ndata: ${JSON.stringify(shown(job))}\n\n`);
  if (id && ["completed", "failed", "cancelled", "unknown"].includes(job.state)) response.end();
}

const complete = (id) => change(id, { state: "completed", generation: MADE });
const cut = () => {
  for (const { response } of streams) response.destroy();
  streams.clear();
};

const waiting = new Set();
const wake = () => {
  for (const look of waiting) look();
};
/** Settles once so many streams are open. */
const watched = (count = 1) =>
  new Promise((resolve) => {
    const look = () => streams.size >= count && (waiting.delete(look), resolve());
    waiting.add(look);
    look();
  });

const client = (options) => createJobsClient({ baseUrl, token: TOKEN, clock, ...options });
const thrown = (promise) =>
  promise.then(
    () => assert.fail("it succeeded"),
    (error) => error,
  );
/** The next of what is iterated, once it is there. */
const next = async (iterator) => (await iterator.next()).value;
const posts = () => seen.filter(({ method }) => method === "POST");

test("a fetch is called as a function of nobody, as a page's own must be", async () => {
  function own(...given) {
    if (this !== undefined) throw new TypeError("Illegal invocation");
    return fetch(...given);
  }
  assert.equal((await client({ fetch: own }).submit(TIGER)).state, "waiting");
});

test("requests are handed over, alone or together, with what is said of them", async () => {
  const { submit, get, list } = client();
  const job = await submit(TIGER, { label: "tigers" });
  assert.deepEqual([job.state, job.request], ["waiting", TIGER]);
  const [one, two] = await submit([
    { ...TIGER, prompt: "One" },
    { ...TIGER, prompt: "Two" },
  ]);
  assert.deepEqual([one.request.prompt, two.request.prompt], ["One", "Two"]);
  assert.equal((await get(job)).history[0].event, "accepted");
  assert.deepEqual(
    (await list({ limit: 2 })).jobs.map(({ id }) => id),
    [two.id, one.id],
  );
  assert.equal(new Set(posts().map(({ headers }) => headers["idempotency-key"])).size, 2);
});

test("what is lost on the way is sent again under the same key, and handed over once", async () => {
  faults.push("cut", "cut-after", (_, reply) => reply(503, { detail: "restarting" }));
  await client().submit(TIGER);
  assert.equal(jobs.size, 1);
  assert.equal(new Set(posts().map(({ headers }) => headers["idempotency-key"])).size, 1);
  assert.equal(posts().length, 4);
});

test("a 4xx that tells of a connection, such as nginx's 499, may follow what was handed over: it is sent again under the same key", async () => {
  for (const status of [408, 444, 460, 499]) {
    const before = jobs.size;
    const gone = (response) => response.writeHead(status).end();
    faults.push(gone);
    const { id } = await client().submit(TIGER);
    assert.ok(jobs.has(id), `${status}`);
    assert.equal(jobs.size, before + 1);
    faults.push(...Array(6).fill(gone));
    const error = await thrown(client().submit(TIGER));
    assert.deepEqual([error.code, typeof error.creation?.ticket], ["unknown_outcome", "string"], `${status}`);
  }
});

test("a change of the request while it is sent again changes nothing", async () => {
  const request = { ...TIGER };
  faults.push("cut-after");
  const submitting = client().submit(request);
  request.prompt = "A bear";
  assert.equal((await submitting).request.prompt, TIGER.prompt);
});

test("where no answer comes at all it is in doubt, and the same key finds out", async () => {
  faults.push(...Array(6).fill("cut-after"));
  const { submit } = client();
  const error = await thrown(submit([TIGER, TIGER]));
  assert.deepEqual([error.code, error.retryable], ["unknown_outcome", false]);
  assert.equal((await submit(error.creation.request.requests, { idempotencyKey: error.creation.ticket })).length, 2);
  assert.equal(jobs.size, 2);
});

test("an abort under way is in doubt as well; one before that is not", async () => {
  const stop = new AbortController();
  faults.push(() => stop.abort(new Error("the page closes")));
  const error = await thrown(client().submit(TIGER, { signal: stop.signal }));
  assert.deepEqual([error.code, error.name, error.cause.message], ["aborted", "AbortError", "the page closes"]);
  assert.ok(error.creation.ticket);
  const early = await thrown(client().submit(TIGER, { signal: AbortSignal.abort() }));
  assert.deepEqual([early.code, early.creation], ["aborted", undefined]);
});

test("a refusal is an error with its code, status and problems, and no token in it", async () => {
  const problems = [{ path: "requests[1].prompt", code: "required", message: "is missing" }];
  for (const [status, body, expected] of [
    [422, { detail: "requests[1].prompt: is missing", code: "invalid_request", problems }, "invalid_request"],
    [409, { detail: "used before", code: "idempotency" }, "invalid_request"],
    [413, { detail: "too large", code: "too_large" }, "invalid_request"],
    [402, { detail: "spent", code: "budget" }, "budget_exceeded"],
    [403, { detail: "not set up", code: "not_configured" }, "authentication"],
    [404, "<html>", "protocol"],
  ]) {
    faults.push((_, reply) => reply(status, body));
    const error = await thrown(client().submit([TIGER, TIGER]));
    assert.ok(error instanceof LumaError && error instanceof index.LumaError);
    assert.deepEqual([error.code, error.status, error.retryable], [expected, status, false]);
    assert.deepEqual(error.problems, body.problems ?? []);
    assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(TOKEN));
  }
  const wrong = await thrown(client({ token: "another" }).list());
  assert.deepEqual([wrong.code, wrong.status], ["authentication", 401]);
  faults.push((_, reply) => reply(302, {}, { location: "https://example.com" }));
  assert.match((await thrown(client().list())).message, /redirect, which is not followed/);
});

test("no error shows the token, whatever a fetch says, and no header field that cannot be sent is repeated", async () => {
  const fetch = async (_, { headers }) => {
    throw new TypeError(`cannot send ${JSON.stringify(headers)}`);
  };
  const error = await thrown(client({ fetch }).get("job_1"));
  assert.equal(error.code, "network");
  assert.match(error.message, /cannot send/);
  for (const options of [{ token: `${TOKEN}\nx` }, { headers: { "x-session": `${TOKEN}\nx` } }, { token: () => `${TOKEN}\nx` }]) {
    const { code, message, cause } = await thrown((async () => createJobsClient({ baseUrl, clock, ...options }).list())());
    assert.equal(code, "invalid_request");
    assert.ok(!`${message} ${cause}`.includes(TOKEN));
  }
  assert.ok(!error.message.includes(TOKEN));
});

test("why a connection failed is told", async () => {
  const fetch = async () => {
    throw new TypeError("fetch failed", { cause: new Error(`connect ECONNREFUSED 127.0.0.1:4999 for ${TOKEN}`) });
  };
  const { message } = await thrown(client({ fetch }).get("job_1"));
  assert.match(
    message,
    /^GET \/jobs\/job_1 failed: fetch failed: connect ECONNREFUSED 127\.0\.0\.1:4999 for \[token\] \(check baseUrl, the network and the server\)$/,
  );
});

test("a file is refused, wherever it stands, with where it goes", async () => {
  const file = new File(["tiger"], "tiger.png", { type: "image/png" });
  const { submit } = client();
  for (const [request, path] of [
    [{ ...TIGER, keyframes: { frame0: file } }, "request.keyframes.frame0"],
    [[TIGER, { ...TIGER, image_ref: [{ url: file }] }], "requests[1].image_ref[0].url"],
    [{ ...TIGER, modify_image_ref: Buffer.from("tiger") }, "request.modify_image_ref"],
  ]) {
    const { code, message, problems } = await thrown(submit(request));
    assert.deepEqual([code, problems.map(({ path }) => path)], ["invalid_request", [path]]);
    assert.match(message, /is a file: POST it to the Worker's \/uploads/);
  }
  assert.deepEqual(seen, []);
});

test("what is not sent, since there is no token for it, is not in doubt", async () => {
  const token = async () => {
    throw new Error("the session has ended");
  };
  const { code, message, creation } = await thrown(client({ token }).submit({ prompt: "A tiger" }));
  assert.deepEqual([code, creation], ["network", undefined]);
  assert.match(message, /token option failed: .*the session has ended/);
});

test("a token may be renewed for each request", async () => {
  let count = 0;
  const { list } = client({ token: async () => (count++, TOKEN) });
  await list();
  await list();
  assert.equal(count, 2);
});

test("a server that asks to wait is obeyed", async () => {
  faults.push((_, reply) => reply(429, { detail: "Too many requests", code: "limit" }, { "retry-after": "7" }));
  await client().list();
  assert.deepEqual(clock.pauses, [7000]);
});

test("reads are tried again, and end with what is wrong", async () => {
  add();
  faults.push("cut", "cut");
  assert.equal((await client().list()).jobs.length, 1);
  faults.push(...Array(6).fill("cut"));
  assert.equal((await thrown(client().list())).code, "network");
  assert.equal((await thrown(client().get("job_none"))).code, "not_found");
  assert.equal((await thrown(client().get("../luma"))).code, "invalid_request");
  faults.push(
    (_, reply) => reply(200, { hello: 1 }),
    (response) => response.end("<html>"),
  );
  assert.equal((await thrown(client().list())).code, "protocol");
  assert.equal((await thrown(client().list())).code, "protocol");
});

test("all jobs are read page by page", async () => {
  for (let count = 0; count < 5; count++) add();
  const ids = [];
  for await (const { id } of client().listAll({ limit: 2 })) ids.push(id);
  assert.deepEqual(ids, [...jobs.keys()].reverse());
  assert.deepEqual((await client().list({ state: "failed" })).jobs, []);
});

test("a job is waited for to its end; each change is told once", async () => {
  const { id } = add();
  const states = [];
  const waiting = client().wait(id, { onUpdate: ({ state }) => states.push(state) });
  await watched();
  change(id, { state: "dreaming" });
  complete(id);
  assert.deepEqual(await waiting, MADE);
  assert.deepEqual(states, ["waiting", "dreaming", "completed"]);
});

test("a job is waited for to its end although the server's clock was set back meanwhile", async () => {
  const { submit, wait } = client();
  const { id, created_at } = await submit(TIGER);
  const told = [];
  const waiting = wait(id, { onUpdate: ({ state }) => told.push(state), signal: AbortSignal.timeout(10_000) });
  await watched();
  change(id, { state: "dreaming" });
  change(id, { state: "completed", generation: MADE, updated_at: created_at });
  assert.deepEqual(await waiting, MADE);
  assert.deepEqual(told, ["waiting", "dreaming", "completed"]);
});

test("a job that ended otherwise is an error that says how", async () => {
  const failure = (code, retryable) => ({ code, reason: "of the provider", fault: "provider", retryable, refunded: true });
  for (const [fields, code, more = {}] of [
    [
      { state: "failed", generation: { ...MADE, state: "failed", failure: failure("job", true) } },
      "generation_failed",
      { retryable: true },
    ],
    [{ state: "failed", generation: { ...MADE, state: "failed", failure: failure("moderation", false) } }, "moderated"],
    [{ state: "failed", error: { code: "budget", message: "spent", status: 402 } }, "budget_exceeded", { status: 402 }],
    [{ state: "failed", error: { code: "invalid_request", message: "no", problems: [{ path: "prompt" }] } }, "invalid_request"],
    [{ state: "unknown", error: { code: "unknown_outcome", message: "lost" } }, "unknown_outcome"],
    [{ state: "cancelled" }, "aborted"],
    [{ state: "completed" }, "protocol"],
  ]) {
    const { id } = add(fields);
    const error = await thrown(client().wait(id));
    assert.ok(error instanceof LumaError);
    assert.equal(error.code, code);
    assert.equal(error.provider, "agents");
    assert.deepEqual(error.generation, fields.generation);
    assert.deepEqual(error.problems, fields.error?.problems ?? []);
    for (const [name, value] of Object.entries(more)) assert.equal(error[name], value);
  }
});

test("several jobs are watched over one connection: first as they are, then to the end of the last", async () => {
  const ids = Array.from({ length: 3 }, () => add().id);
  add(); // of no interest
  complete(ids[0]);
  const watching = client().watch(ids)[Symbol.asyncIterator]();
  const told = async () => {
    const { id, state } = await next(watching);
    return `${ids.indexOf(id)} ${state}`;
  };
  assert.deepEqual([await told(), await told(), await told()].sort(), ["0 completed", "1 waiting", "2 waiting"]);
  complete(ids[2]);
  change(ids[1], { state: "failed" });
  assert.deepEqual([await told(), await told()], ["2 completed", "1 failed"]);
  assert.equal((await watching.next()).done, true);
  assert.equal(seen.filter(({ path }) => path.endsWith("/events")).length, 1);
});

test("many jobs are read by the page, and those that are not on the first ones by themselves", async () => {
  const ids = Array.from({ length: 250 }, () => add().id);
  const old = [ids[0], ids[1], ...ids.slice(-110)];
  for (const id of old) complete(id);
  const told = new Set();
  for await (const { id } of client().watch(old)) told.add(id);
  assert.deepEqual([...told].sort(), old.toSorted());
  const reads = seen.map(({ path }) => path).filter((path) => !path.endsWith("/events"));
  assert.equal(reads.length, 4);
});

test("a connection that breaks is taken up where it was, and nothing is missed or told twice", async () => {
  const ids = Array.from({ length: 20 }, () => add().id);
  const iterator = client().watch(ids)[Symbol.asyncIterator]();
  for (const id of ids.toReversed()) assert.equal((await next(iterator)).id, id);
  const told = [];
  const watching = (async () => {
    for await (const { id, state } of { [Symbol.asyncIterator]: () => iterator }) told.push(`${id} ${state}`);
  })();
  for (const [index, id] of ids.entries()) {
    await watched();
    change(id, { state: "dreaming" });
    if (index % 3 === 0) cut();
    complete(id);
    if (index % 5 === 0) faults.push("cut");
  }
  await watching;
  assert.equal(new Set(told).size, told.length);
  for (const id of ids) assert.equal(told.filter((line) => line === `${id} completed`).length, 1);
  assert.ok(seen.filter(({ headers }) => headers["last-event-id"]).length > 5);
});

test("without jobs the newest are told first, then each change of any, until the loop is left", async () => {
  const [one, two] = [add().id, add().id];
  const watching = client().watch()[Symbol.asyncIterator]();
  assert.deepEqual([(await next(watching)).id, (await next(watching)).id], [one, two]);
  const { id } = add();
  complete(id);
  assert.deepEqual([(await next(watching)).id], [id]);
  const [{ response }] = streams;
  await watching.return();
  if (streams.size) await once(response, "close");
  assert.equal(streams.size, 0);
});

test("a cut before anything was told makes it read the jobs anew", async () => {
  const { id } = add();
  const other = add().id;
  faults.push((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": no id yet\n\n");
    setImmediate(() => {
      complete(id);
      complete(other);
      response.destroy();
    });
  });
  const told = new Set();
  for await (const job of client().watch([id, other])) told.add(job.state);
  assert.ok(told.has("completed"));
});

test("a connection that is silent for too long is given up and taken up again", async () => {
  const { id } = add();
  const waiting = client().wait(id);
  await watched();
  const [{ response }] = streams;
  clock.elapse = () => {
    for (const resolve of clock.silent) resolve();
  };
  // What came so far was heard within the first span; the second one is silent.
  clock.elapse();
  await new Promise(setImmediate);
  clock.elapse();
  await once(response, "close");
  await watched();
  complete(id);
  assert.deepEqual(await waiting, MADE);
});

test("a connection that is given up while the jobs are still read goes on after its first event: they are not read again", async () => {
  const [one, two] = [add().id, add().id];
  const watching = client().watch([one, two])[Symbol.asyncIterator]();
  const told = [(await next(watching)).id];
  await watched();
  const [{ response }] = streams;
  const closed = once(response, "close");
  // The loop's body takes its time, and nothing is read from the connection meanwhile.
  for (let span = 0; span < 2; span++) {
    for (const resolve of clock.silent) resolve();
    await new Promise(setImmediate);
  }
  await closed;
  complete(one);
  complete(two);
  for await (const { id, state } of { [Symbol.asyncIterator]: () => watching }) told.push(`${id} ${state}`);
  assert.deepEqual(told, [two, `${one} waiting`, `${one} completed`, `${two} completed`]);
  assert.equal(seen.filter(({ path }) => path.startsWith("/jobs?")).length, 1);
  assert.ok(seen.at(-1).headers["last-event-id"]);
});

test("an abort ends a watch at once, and its connection", async () => {
  const { id } = add();
  const stop = new AbortController();
  const waiting = thrown(client().wait(id, { signal: stop.signal }));
  await watched();
  const [{ response }] = streams;
  stop.abort(new Error("the page closes"));
  const { code, cause } = await waiting;
  assert.deepEqual([code, cause.message], ["aborted", "the page closes"]);
  if (streams.size) await once(response, "close");
});

test("an abort between two tries is the same error, also on a clock that rejects a sleep which it ends", async () => {
  const { id } = add();
  for (const call of ["get", "wait", "submit"]) {
    const stop = new AbortController();
    const given = { baseUrl, token: TOKEN, clock: createSimulator({ clock: 1 }).clock };
    const unavailable = async () => {
      setTimeout(() => stop.abort(new Error("the page closes")), 10);
      return new Response("{}", { status: 503 });
    };
    const calls = createJobsClient({ ...given, fetch: unavailable });
    const error = await thrown(calls[call](call === "submit" ? TIGER : id, { signal: stop.signal }));
    assert.ok(error instanceof LumaError, call);
    assert.deepEqual([error.code, error.name, error.cause.message], ["aborted", "AbortError", "the page closes"]);
  }
});

test("a watch ends with an error where there is no such job, no right, or no such server", async () => {
  faults.push((_, reply) => reply(404, { detail: "There is no such job.", code: "not_found" }));
  assert.equal((await thrown(client().wait("job_none"))).code, "not_found");
  assert.equal((await thrown(client({ token: "another" }).wait("job_none"))).code, "authentication");
  faults.push((response) => response.end("<html>"));
  assert.equal((await thrown(client().wait("job_none"))).code, "protocol");
  faults.push(...Array(6).fill("cut"));
  assert.equal((await thrown(client().wait("job_none"))).code, "network");
});

test("events are read however they are cut and written", async () => {
  const { id } = add();
  const job = JSON.stringify({ ...shown(jobs.get(id)), label: "Größe 🐅", state: "completed", generation: MADE });
  for (const end of ["\n", "\r\n", "\r"]) {
    const half = job.indexOf(",") + 1;
    const text = `\uFEFF:comment${end}${end}retry: 10${end}id:1${end}event:job${end}data: ${job.slice(0, half)}${end}data:${job.slice(half)}${end}${end}`;
    faults.push(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      response.end();
    });
    const told = [];
    for await (const { label } of client().watch(id)) told.push(label);
    assert.deepEqual(told, ["Größe 🐅"]);
  }
});

test("what was not sent is cancelled, also when the answer to that is lost; what was sent goes on", async () => {
  const { id } = add();
  faults.push("cut-after");
  assert.equal((await client().cancel(id)).state, "cancelled");
  const sent = add({ state: "queued" });
  const error = await thrown(client().cancel(sent));
  assert.deepEqual([error.code, error.status], ["unsupported", 409]);
});

test("options that are not known, and a baseUrl that nothing can be sent to, are refused", async () => {
  assert.equal((await thrown(client().submit(TIGER, { webhok: "https://example.com" }))).code, "invalid_request");
  assert.equal((await thrown(client().submit(TIGER, { idempotencyKey: "with blanks" }))).code, "invalid_request");
  assert.equal((await thrown(client().submit(TIGER, { idempotencyKey: 7 }))).code, "invalid_request");
  for (const options of [{ baseUrl: "/" }, { baseUrl: "ftp://example.com" }, { tokn: "x" }, { token: 7 }])
    assert.throws(() => createJobsClient(options), { code: "invalid_request" });
  assert.equal(seen.length, 0);
});

test("a key that is null is not given", async () => {
  for (const idempotencyKey of [null, undefined]) await client().submit(TIGER, { idempotencyKey });
  const keys = posts().map(({ headers }) => headers["idempotency-key"]);
  assert.equal(new Set(keys).size, 2);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});

test("a number that JSON has not is not sent as null", async () => {
  for (const [given, path] of [
    [{ ...TIGER, duration: Number.NaN }, "request.duration"],
    [[TIGER, { ...TIGER, seed: Infinity }], "requests[1].seed"],
  ]) {
    const error = await thrown(client().submit(given));
    assert.deepEqual([error.code, error.problems.map(({ path }) => path)], ["invalid_request", [path]]);
  }
  assert.equal(seen.length, 0);
});

test("a page that is offline tries nothing until it is online", async (t) => {
  const { navigator, addEventListener, removeEventListener } = globalThis;
  t.after(() => {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true, writable: true });
    Object.assign(globalThis, { addEventListener, removeEventListener });
  });
  const page = new EventTarget();
  let offline;
  const isOffline = new Promise((resolve) => (offline = resolve));
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true, writable: true });
  globalThis.addEventListener = (...given) => (page.addEventListener(...given), offline());
  globalThis.removeEventListener = page.removeEventListener.bind(page);
  faults.push("cut");
  const submitting = client().submit(TIGER);
  await isOffline;
  assert.equal(seen.length, 1);
  globalThis.navigator.onLine = true;
  page.dispatchEvent(new Event("online"));
  await submitting;
  assert.equal(jobs.size, 1);
});
