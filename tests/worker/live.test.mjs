// Jobs as they change: over Server-Sent Events with `luma-edge/jobs`, and over WebSockets that sleep with the queue.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createJobsClient } from "luma-edge/jobs";
import WebSocket from "ws";
import { callers } from "../../scripts/worker.mjs";
import { startJobs } from "./jobs.mjs";
import { ANNE, BOB, startOwnSite, startSite } from "./site.mjs";

const TIGER = { model: "ray-2", prompt: "A tiger walking in snow" };
/** Jobs end by themselves, within the time to their first poll. */
const QUICK = { durations: 60_000 };

let shared;
before(async () => {
  shared = await startJobs({ simulator: QUICK });
});
after(() => shared?.stop());

/** The client, wherever the Worker is just now. */
const clientOf = (site, { token = ANNE, through = (response) => response } = {}) =>
  createJobsClient({
    baseUrl: "https://worker.example",
    token,
    fetch: async (url, init) => through(await fetch(url.replace("https://worker.example", site.worker.url), init), init),
  });

const requests = (count, text) => Array.from({ length: count }, (_, index) => ({ ...TIGER, prompt: `${text} ${index}` }));

/** A WebSocket, and what it has been told. */
async function openSocket(site, path, { protocols = ["luma-edge", ANNE], headers } = {}) {
  const socket = new WebSocket(site.worker.url.replace("http", "ws") + path, protocols, { headers, closeTimeout: 100 });
  const told = [];
  const looks = new Set();
  const look = () => {
    for (const one of looks) one();
  };
  socket.on("error", () => {});
  socket.on("message", (data) => {
    site.answers.push(String(data));
    told.push(String(data) === "pong" ? "pong" : JSON.parse(data));
    look();
  });
  const closed = once(socket, "close").then(([code, reason]) => ({ code, reason: String(reason) }));
  /** Settles once what was told is enough. */
  const until = (isEnough) =>
    new Promise((resolve) => {
      const one = () => isEnough(told) && (looks.delete(one), resolve());
      looks.add(one);
      one();
    });
  const status = await new Promise((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_, response) => resolve((response.resume(), response.statusCode)));
  });
  return { socket, status, told, until, closed };
}

const isEnd = ({ job }) => job.state === "completed";

test("several jobs are watched to their end over one stream", async () => {
  const { submit, watch } = clientOf(shared);
  const handed = await submit(requests(5, "A stream of tigers"));
  const ends = new Map();
  for await (const { id, state, generation } of watch(handed)) if (state === "completed") ends.set(id, generation.assets.video);
  assert.deepEqual([...ends.keys()].sort(), handed.map(({ id }) => id).sort());
  for (const video of ends.values()) assert.match(video, /^https:/);
});

test("one job is waited for; when it has ended, so has its stream", async () => {
  const { submit, wait } = clientOf(shared);
  const { id } = await submit(TIGER);
  assert.equal((await wait(id)).state, "completed");
  const { headers, text } = await shared.call(`/jobs/${id}/events`);
  assert.match(headers.get("content-type"), /^text\/event-stream/);
  assert.match(text, /^:\n\nid: \d+\nevent: job\ndata: \{.*"state":"completed".*\}\n\n$/);
});

test("several jobs are watched to their end over a WebSocket, whose token is a subprotocol", async () => {
  const { socket, told, until, closed } = await openSocket(shared, "/jobs/events");
  assert.equal(socket.protocol, "luma-edge");
  const handed = await clientOf(shared).submit(requests(5, "A socket of tigers"));
  await until((told) => told.filter(isEnd).length === 5);
  assert.deepEqual(
    told
      .filter(isEnd)
      .map(({ job }) => job.id)
      .sort(),
    handed.map(({ id }) => id).sort(),
  );
  assert.ok(told.every(({ id }, index) => index === 0 || id > told[index - 1].id));
  socket.send("ping");
  await until((told) => told.at(-1) === "pong");
  socket.close();
  assert.equal((await closed).code, 1005);
  // What it has seen is where the next one goes on.
  const { id } = told[1];
  const later = await openSocket(shared, `/jobs/events?last_event_id=${id}`, {
    protocols: ["luma-edge", `base64url.${Buffer.from(ANNE).toString("base64url")}`],
  });
  await later.until((told) => told.filter(isEnd).length === 5);
  later.socket.close();
  const one = await openSocket(shared, `/jobs/${handed[0].id}/events`, { protocols: [], headers: { authorization: `Bearer ${ANNE}` } });
  assert.equal((await one.closed).code, 1000);
  assert.deepEqual(
    one.told.map(({ job }) => [job.id, job.state]),
    [[handed[0].id, "completed"]],
  );
});

test("a stream that is cut again and again goes on after its last event, and nothing is missed", async () => {
  let connections = 0;
  const seen = [];
  /** Two events of each stream come through, then it breaks. */
  const through = (response, { headers }) => {
    if (!response.headers.get("content-type").startsWith("text/event-stream")) return response;
    connections++;
    seen.push(headers["last-event-id"]);
    let text = "";
    const cutting = new TransformStream({
      transform(piece, controller) {
        text += String(Buffer.from(piece));
        const [one, two, ...others] = text.split(/(?<=\n\n)(?=id: )/);
        if (!others.length) return controller.enqueue(piece);
        controller.enqueue(Buffer.from(one + two));
        controller.error(new TypeError("the connection broke"));
      },
    });
    return new Response(response.body.pipeThrough(cutting), response);
  };
  const { submit, watch } = clientOf(shared, { through });
  const handed = await submit(requests(12, "A cut stream of tigers"));
  const ends = [];
  for await (const { id, state } of watch(handed)) if (state === "completed") ends.push(id);
  assert.deepEqual(ends.sort(), handed.map(({ id }) => id).sort());
  assert.ok(connections > 2, `${connections} connections`);
  assert.ok(seen.slice(1).every((id) => /^\d+$/.test(id)));
});

test("another caller sees nothing of it", async () => {
  const { submit, wait } = clientOf(shared);
  const { id } = await submit(TIGER);
  const bobs = await openSocket(shared, "/jobs/events?last_event_id=0", { protocols: ["luma-edge", BOB] });
  const bob = clientOf(shared, { token: BOB });
  const own = await bob.submit({ ...TIGER, prompt: "A bear" });
  await Promise.all([wait(id), bob.wait(own)]);
  await bobs.until((told) => told.some(isEnd));
  assert.deepEqual(new Set(bobs.told.map(({ job }) => job.id)), new Set([own.id]));
  bobs.socket.close();
  const all = bob.watch()[Symbol.asyncIterator]();
  assert.equal((await all.next()).value.id, own.id);
  await all.return();
  await assert.rejects(bob.wait(id), { code: "not_found" });
  for (const path of [`/jobs/${id}/events`, `/jobs/job_${"A".repeat(22)}/events`])
    assert.equal((await openSocket(shared, path, { protocols: ["luma-edge", BOB] })).status, 404);
});

test("whoever may not watch, or asks for it wrongly, is told why", async () => {
  for (const [path, options, status, code] of [
    ["/jobs/events", { token: false }, 401, "unauthorized"],
    ["/jobs/events", { token: "guessed" }, 401, "unauthorized"],
    ["/jobs/events", { headers: { origin: "https://elsewhere.example" } }, 403, "origin"],
    ["/jobs/events", { body: {} }, 405, "method"],
    ["/jobs/events/events", {}, 404, "not_found"],
    ["/jobs/job_short/events", {}, 404, "not_found"],
    ["/jobs/events", { headers: { "last-event-id": "-1" } }, 400, "bad_request"],
    ["/jobs/events?last_event_id=1e9", {}, 400, "bad_request"],
  ]) {
    const answer = await shared.call(path, options);
    assert.deepEqual([answer.status, answer.json.code], [status, code], path);
  }
  for (const protocols of [[], ["luma-edge"], ["luma-edge", "guessed"], ["other", ANNE], ["luma-edge", "base64url.-"]])
    assert.equal((await openSocket(shared, "/jobs/events", { protocols })).status, 401);
  const page = { protocols: ["luma-edge", ANNE], headers: { origin: "https://elsewhere.example" } };
  assert.equal((await openSocket(shared, "/jobs/events", page)).status, 403);
});

test("a reader that takes nothing, or is gone, costs nobody anything, and gets of each job the last state", async () => {
  const site = await startSite({ env: { LIMITS: { jobsAtOnce: 0 } } }); // all jobs wait
  try {
    const { submit, cancel, watch, listAll } = clientOf(site);
    const open = async () => {
      const headers = { authorization: `Bearer ${ANNE}`, "last-event-id": "0" };
      const [response] = await once(get(`${site.worker.url}/jobs/events`, { headers }), "response");
      return response; // whose body is not read
    };
    await submit(TIGER);
    const slow = await open();
    for (let count = 0; count < 30; count++) (await open()).destroy();
    // More than what fits between a reader and the queue.
    const large = Array.from({ length: 550 }, () => ({ ...TIGER, prompt: "虎".repeat(5000) }));
    for (let count = 0; count < 2; count++) await submit(large);
    const last = await submit(requests(50, "One of the last"));
    const watching = watch(last)[Symbol.asyncIterator]();
    for (let count = 0; count < last.length; count++) await watching.next();
    for (const job of last) {
      await cancel(job);
      assert.deepEqual([(await watching.next()).value.id, "cancelled"], [job.id, "cancelled"]);
    }
    assert.equal((await watching.next()).done, true); // else it holds its connection
    const told = new Map();
    let text = "";
    slow.setEncoding("utf8");
    for await (const piece of slow) {
      const lines = (text + piece).split("\n");
      text = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data: ")) continue;
        const { id, state } = JSON.parse(line.slice("data: ".length));
        told.set(id, [...(told.get(id) ?? []), state]);
      }
      if (told.size === 1151) break;
    }
    for await (const { id, state } of listAll()) assert.equal(told.get(id).at(-1), state);
    for (const { id } of last) assert.deepEqual(told.get(id), ["cancelled"]); // what it was before was kept nowhere
    // A socket does not tell what waits in it: it is closed when it was sent much, and the next one goes on.
    const seen = new Set();
    let [from, sockets] = [0, 0];
    while (seen.size < told.size) {
      const one = await openSocket(site, `/jobs/events?last_event_id=${from}`);
      sockets++;
      await Promise.race([one.closed, one.until((all) => seen.size + all.length >= told.size)]);
      for (const { job } of one.told) seen.add(job.id);
      from = one.told.at(-1).id;
      if (seen.size < told.size) assert.equal((await one.closed).code, 1013);
      one.socket.close();
    }
    assert.ok(sockets > 1);
  } finally {
    await site.stop();
  }
});

test("a caller has so many connections at once; those that are gone do not count for long", async () => {
  const site = await startSite({ env: { LIMITS: { jobsAtOnce: 0 } } });
  try {
    const headers = { authorization: `Bearer ${ANNE}` };
    const open = async () => (await once(get(`${site.worker.url}/jobs/events`, { headers }), "response"))[0];
    for (let count = 0; count < 20; count++) {
      for (const response of await Promise.all(Array.from({ length: 50 }, open))) {
        assert.equal(response.statusCode, 200);
        response.destroy();
      }
    }
    const refused = await site.call("/jobs/events");
    assert.deepEqual([refused.status, refused.json.code], [429, "limit"]);
    assert.equal((await openSocket(site, "/jobs/events", { protocols: ["luma-edge", BOB] })).status, 101);
    // The client comes again when it is told to.
    const { id } = await clientOf(site).submit(TIGER);
    const watching = clientOf(site).watch(id)[Symbol.asyncIterator]();
    assert.equal((await watching.next()).value.state, "waiting");
    await watching.return();
  } finally {
    await site.stop();
  }
});

test("a watch goes on when the Worker is killed and starts again", async () => {
  const state = await mkdtemp(join(tmpdir(), "luma-edge-live-"));
  const site = await startJobs({ state, simulator: QUICK });
  try {
    const { submit, watch } = clientOf(site);
    const handed = await submit(requests(6, "A tiger that survives"));
    const ends = [];
    let crashed;
    for await (const { id, state } of watch(handed)) {
      if (state !== "waiting") crashed ??= site.crash();
      if (state === "completed") ends.push(id);
    }
    await crashed;
    assert.deepEqual(ends.sort(), handed.map(({ id }) => id).sort());
    assert.equal(await site.made(), 6);
  } finally {
    await site.stop();
    await rm(state, { recursive: true, force: true });
  }
});

test("a hundred idle WebSockets outlive the object that they are connected to", async () => {
  const text = `
    import { Queue as Own } from "../../worker/src/index.ts";
    export { Account, Creation, Result, default } from "../../worker/src/index.ts";
    let times = 0;
    export class Queue extends Own {
      constructor(...given) {
        super(...given);
        console.log("a queue begins, time " + ++times);
      }
    }`;
  const site = await startOwnSite(text, { env: { CALLERS: callers([ANNE]) } });
  try {
    const { submit } = clientOf(site);
    await submit(TIGER);
    const sockets = await Promise.all(Array.from({ length: 100 }, () => openSocket(site, "/jobs/events?last_event_id=0")));
    await Promise.all(sockets.map(({ until }) => until((told) => told.length > 0)));
    await site.worker.evict("Queue queue");
    const { id } = await submit({ ...TIGER, prompt: "A bear" });
    await Promise.all(sockets.map(({ until }) => until((told) => told.some(({ job }) => job.id === id))));
    await site.line("a queue begins, time 2");
    assert.ok(!site.log.some((line) => line.includes("time 3")));
    for (const { socket, told } of sockets) {
      assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
      socket.close();
    }
  } finally {
    await site.stop();
  }
});
