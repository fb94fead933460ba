// What users of other clients for such jobs have reported, played against a scripted provider: each row says what was seen there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caught, DONE, freshCopy, JOB, json, TIGER } from "./scripted.mjs";

/** Time that goes on to the end of the next wait once all else has had its turn. */
function steppedClock() {
  let time = Date.parse(JOB.created_at);
  const waits = new Set();
  let planned = false;
  const plan = () => {
    if (planned || !waits.size) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      if (!waits.size) return;
      const next = [...waits].reduce((first, wait) => (wait.due < first.due ? wait : first));
      waits.delete(next);
      time = Math.max(time, next.due);
      next.resolve();
      plan();
    }, 1);
  };
  const sleep = (ms, signal) =>
    new Promise((resolve) => {
      const wait = { due: time + ms, resolve };
      waits.add(wait);
      signal?.addEventListener("abort", () => waits.delete(wait));
      plan();
    });
  return { now: () => time, sleep };
}

const page = (status, title) =>
  new Response(`<html><head><title>${title}</title></head></html>`, { status, headers: { "content-type": "text/html" } });

/** Plays one job: the creation's answer, then what each read gives, the last one for ever. Says how it ended, and what was sent. */
async function play({ created = () => json(JOB, 201), reads, call = (client) => client.generate(TIGER) }) {
  const { createClient } = await freshCopy();
  const sent = { creations: 0, reads: 0 };
  const clock = steppedClock();
  const fetch = async (_url, { method }) => {
    if (method === "POST") {
      sent.creations++;
      return created();
    }
    return reads[Math.min(sent.reads++, reads.length - 1)]();
  };
  const client = createClient({ apiKey: "luma-test", fetch, clock });
  const start = clock.now();
  const ended = await call(client).then(
    (generation) => ({ generation }),
    (error) => ({ error }),
  );
  return { ...ended, ...sent, seconds: (clock.now() - start) / 1000 };
}

const read = (fields) => () => json({ ...JOB, ...fields });
const completed = () => json(DONE);
const moderated = { state: "failed", failure_reason: "Advanced moderation failed" };

const REPORTS = [
  {
    name: "one 502 while polling ended the wait",
    reads: [read({ state: "dreaming" }), () => page(502, "Bad Gateway"), () => page(503, "Unavailable"), completed],
    check: ({ generation, creations }) => assert.deepEqual([generation.state, creations], ["completed", 1]),
  },
  {
    name: "a proxy's 504 page could not be parsed, and the wait ended with that",
    reads: [() => page(504, "Gateway Time-out"), () => page(504, "Gateway Time-out"), completed],
    check: ({ generation }) => assert.equal(generation.assets.video, DONE.assets.video),
  },
  {
    name: "the network broke during a poll",
    reads: [() => Promise.reject(new TypeError("fetch failed")), () => Promise.reject(new TypeError("fetch failed")), completed],
    check: ({ generation, creations }) => assert.deepEqual([generation.state, creations], ["completed", 1]),
  },
  {
    name: "an answer without a state made the loop spin or wait for ever",
    reads: [() => json({ id: JOB.id }), () => json({ ...JOB, state: "" }), completed],
    check: ({ generation, reads }) => assert.ok(generation.state === "completed" && reads < 20, `${reads} reads`),
  },
  {
    name: "a job that failed was polled for ever, and its reason was lost",
    reads: [read({ state: "dreaming" }), read(moderated)],
    check: ({ error, reads }) => {
      assert.deepEqual([error.code, error.generation.failure.code], ["moderated", "moderation"]);
      assert.match(error.message, /Advanced moderation failed/);
      assert.equal(reads, 2);
    },
  },
  {
    name: "a job that was cancelled elsewhere gave an error that did not say so",
    reads: [read({ state: "CANCELLED" })],
    check: ({ error }) => {
      assert.equal(error.generation.state, "failed");
      assert.match(error.message, /cancelled/i);
    },
  },
  {
    name: "a moderated request, refused at once, was sent again",
    created: () => json({ detail: "Prompt not allowed because advanced moderation failed" }, 400),
    reads: [completed],
    check: ({ error, creations, reads }) => {
      assert.deepEqual([error.code, error.retryable, creations, reads], ["moderated", false, 1, 0]);
      assert.match(error.message, /advanced moderation failed/i);
    },
  },
  {
    name: "an empty output in the answer to the creation was taken for a failure",
    created: () => json({ ...JOB, state: "queued", assets: null, failure_reason: null }, 200),
    reads: [completed],
    check: ({ generation, creations }) => assert.deepEqual([generation.state, creations], ["completed", 1]),
  },
  {
    name: "a time-out of the caller lost the id of a job that was paid for",
    reads: [read({ state: "dreaming" })],
    call: (client) => client.generate(TIGER, { timeout: 30_000 }),
    check: ({ error, creations }) => {
      assert.deepEqual([error.code, error.generation.id, creations], ["timeout", JOB.id, 1]);
      assert.match(error.message, /goes on.*poll\(error\.generation\)/);
    },
  },
  {
    name: "a job that never ends blocked all that came after it",
    reads: [read({ state: "dreaming" })],
    call: async (client) => {
      const stuck = await caught(client.generate(TIGER, { timeout: 60_000 }));
      assert.equal(stuck.code, "timeout");
      return client.create({ ...TIGER, prompt: "Another" });
    },
    check: ({ generation, creations }) => assert.deepEqual([generation.id, creations], [JOB.id, 2]),
  },
  {
    name: "the job is completed, and its file is not there yet",
    reads: [read({ state: "completed", assets: null }), read({ state: "completed", assets: {} }), completed],
    check: ({ generation, error, creations }) => {
      assert.equal(creations, 1);
      assert.ok(generation?.assets.video ?? error?.generation.id, "neither a file nor an error with the job");
    },
  },
];

for (const { name, check, ...scene } of REPORTS) test(name, { timeout: 20_000 }, async () => check(await play(scene)));
