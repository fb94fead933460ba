// What `download` makes of the answers of storages: each has a status and words of its own for a link that has expired.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { never, unhandledIn, until } from "./scripted.mjs";

const OLD = "https://cdn.example/old.mp4?X-Signature=s3cret";
const NEW = "https://cdn.example/new.mp4?X-Signature=s3cret";
const job = (video) => ({ id: "job-1", state: "completed", created_at: new Date().toISOString(), assets: { video } });
const given = { ...job(OLD), provider: "dream-machine" };

const answer = (status, type, body) => () => new Response(body, { status, headers: { "content-type": type } });
const xml = (status, ...fields) =>
  answer(
    status,
    "application/xml",
    `<?xml version="1.0"?>\n<Error>${fields.map(([name, text]) => `<${name}>${text}</${name}>`).join("")}</Error>`,
  );
const page = (status, title) => answer(status, "text/html; charset=utf-8", `<!doctype html><title>${title}</title>`);
const file = answer(200, "video/mp4", "the video");

/** What a storage answers with, and the words that are told of it. */
const STORAGES = {
  S3: [
    xml(403, ["Code", "AccessDenied"], ["Message", "Request has expired"], ["RequestId", "7"]),
    "403 (AccessDenied: Request has expired)",
  ],
  "S3, temporary": [xml(400, ["Code", "ExpiredToken"], ["Message", "The provided token has expired."]), "400 (ExpiredToken: The provided"],
  "S3, deleted": [xml(404, ["Code", "NoSuchKey"], ["Message", "The specified key does not exist."]), "404 (NoSuchKey"],
  GCS: [
    xml(400, ["Code", "ExpiredToken"], ["Message", "Invalid argument."], ["Details", "Request signature expired"]),
    "signature expired)",
  ],
  "GCS, JSON": [answer(401, "application/json", JSON.stringify({ error: { code: 401, message: "Invalid Credentials" } })), "401 (Invalid"],
  R2: [xml(403, ["Code", "ExpiredRequest"], ["Message", "Request has expired"]), "403 (ExpiredRequest: "],
  CloudFront: [xml(403, ["Code", "AccessDenied"], ["Message", "Access denied"]), "403 (AccessDenied: Access denied)"],
  Azure: [
    xml(403, ["Code", "AuthenticationFailed"], ["Message", "Server failed to authenticate the request."]),
    "403 (AuthenticationFailed",
  ],
  "plain words": [answer(410, "text/plain", `expired: ${OLD}`), "410 (expired: [address])"],
  nothing: [answer(403, "text/plain", null), "answered 403"],
};

/** A client whose storage answers with `old` and `renewed`, and whose provider tells the `link`. */
function client({ old, renewed = file, link = NEW, read }) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url);
    if (url === OLD) return old();
    if (url === NEW) return renewed();
    return read?.() ?? Response.json(job(link));
  };
  return { download: createClient({ apiKey: "luma-key", fetch, maxRetries: 0 }).download, asked };
}

const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

for (const [name, [expired, words]] of Object.entries(STORAGES)) {
  test(`a link that has expired is renewed: ${name}`, async () => {
    const { download, asked } = client({ old: expired });
    assert.equal(await (await download(given)).text(), "the video");
    assert.equal(asked.length, 3);

    for (const [more, told, requests] of [
      [{ renewed: expired }, ", also by a new link", 3],
      [{ link: OLD }, "; the generation has no newer link", 2],
    ]) {
      const { download, asked } = client({ old: expired, ...more });
      const error = await caught(download(given));
      assert.deepEqual([error.code, error.retryable, error.generation.id, asked.length], ["gone", false, "job-1", requests]);
      assert.ok(error.message.includes(words) && error.message.endsWith(told), error.message);
      assert.ok(error.message.includes("cdn.example") && !error.message.includes("s3cret"), error.message);
    }
    const gone = client({ old: expired, read: () => Response.json({ detail: "Generation not found" }, { status: 404 }) });
    const error = await caught(gone.download(given));
    assert.equal(error.code, "gone");
    assert.ok(error.message.includes(words) && error.message.includes("Generation not found"), error.message);
  });
}

test("a link that was read just now is not asked for again", async () => {
  const { download, asked } = client({ old: file, renewed: STORAGES.S3[0] });
  const error = await caught(download("job-1"));
  assert.deepEqual([error.code, asked.length], ["gone", 2]);
});

test("a job that runs has no file yet", async () => {
  const client = createClient({ apiKey: "luma-test", fetch: () => assert.fail("nothing is asked") });
  const running = { ...given, state: "dreaming", assets: {} };
  await assert.rejects(client.download(running), { code: "not_found", message: /\(dreaming\) has no file yet: poll it first/ });
});

test("a web page is no video", async () => {
  for (const [status, code, requests] of [
    [200, "protocol", 1],
    [403, "protocol", 3],
    [503, "server", 1],
  ]) {
    const { download, asked } = client({ old: page(status, "Sign in"), renewed: page(status, "Sign in") });
    const error = await caught(download(given));
    assert.deepEqual([error.code, error.status, error.retryable, asked.length], [code, status, code === "server", requests]);
    assert.ok(error.message.includes(`cdn.example answered with a web page, ${status} (Sign in)`), error.message);
  }
});

/** A body in pieces, which has no length of its own. */
const streamed = (...pieces) =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
const untyped = (status, body) => () => new Response(streamed(...body), { status });

for (const [name, old, words, renewed] of [
  ["no byte", answer(200, "video/mp4", ""), "200 (nothing)", true],
  ["no byte of a stream", () => new Response(streamed(), { headers: { "content-type": "video/mp4" } }), "200 (nothing)", true],
  ["no content", answer(204, "video/mp4", null), "204 (nothing)", true],
  ["JSON", answer(200, "application/json", '{"error":"expired"}'), "200 (expired)", true],
  ["JSON without words", answer(200, "application/json; charset=utf-8", "[]"), "200 (no file)", true],
  ["a problem as JSON", answer(200, "application/problem+json", '{"title":"expired"}'), "200 (expired)", true],
  ["XML", xml(200, ["Code", "AccessDenied"]), "200 (AccessDenied)", true],
  ["JSON as text", answer(200, "text/plain", '\n{"error":"expired"}'), "200 (expired)", true],
  ["a page without a type", untyped(200, ["\n ", "<", "html><title>Sign in</title>"]), "with a web page, 200 (Sign in)", false],
  ["a page as text", answer(200, "text/plain", "<!DOCTYPE html><title>Sign in</title>"), "with a web page, 200 (Sign in)", false],
  ["a part", answer(206, "video/mp4", "the vi"), "206 (a part of the file)", true],
]) {
  test(`${name} is no file, and nothing is acknowledged`, async () => {
    for (const acknowledge of [true, undefined]) {
      const { download, asked } = client({ old, renewed: old });
      const error = await caught(download(given, { acknowledge }));
      assert.deepEqual([error.code, error.retryable, error.generation.id], ["protocol", false, "job-1"], error.message);
      assert.ok(error.message.includes(`answered ${words}`), error.message);
      assert.equal(asked.length, renewed ? 3 : 1);
    }
    if (renewed) assert.equal(await (await client({ old }).download(given)).text(), "the video");
  });
}

test("a file is a file by whatever type, and is given from its first byte", async () => {
  for (const [type, ...pieces] of [
    ["video/mp4", "{", "}"],
    ["binary/octet-stream", "<svg>"],
    ["application/octet-stream", "", "\n", "[1]"],
    ["application/zip", "PK"],
    ["image/svg+xml", "<svg>"],
    ["text/plain", " ", "", "\0\0\0\x18ftyp", "mp42"],
    ["", "\xff\xd8", "picture"],
  ]) {
    const headers = type ? { "content-type": type } : {};
    const { download } = client({ old: () => new Response(streamed(...pieces), { headers }) });
    const response = await download(given);
    assert.deepEqual([await response.text(), response.headers.get("content-type") ?? ""], [pieces.join(""), type]);
  }
  // A length that is told belongs to the runtime's own stream: that is handed on as it is.
  const own = new Response("the video", { headers: { "content-type": "video/mp4", "content-length": "9" } });
  assert.equal(await client({ old: () => own }).download(given), own);
});

test("an answer without end is not read to its end", async () => {
  let pieces = 0;
  const body = () =>
    new ReadableStream({
      pull(controller) {
        pieces++;
        controller.enqueue(new Uint8Array(1024).fill(65));
      },
    });
  const { download } = client({ old: () => new Response(body(), { status: 500 }) });
  const { message } = await caught(download(given));
  assert.ok(message.length < 400 && pieces < 20, `${pieces}: ${message}`);
});

/** Answers that stop in the middle, of a `fetch` that heeds no signal. */
const hanging = (status, type, text) => {
  const state = { asked: 0, cancelled: 0 };
  const body = () =>
    new ReadableStream({
      start: (controller) => text && controller.enqueue(new TextEncoder().encode(text)),
      cancel: () => void state.cancelled++,
    });
  const answered = () => {
    state.asked++;
    return status ? new Response(body(), { status, headers: { "content-type": type } }) : never();
  };
  return { state, answered };
};

for (const [what, ...answer] of [
  ["no answer"],
  ["a refusal without end", 403, "application/xml", "<Error>"],
  ["a page without end", 200, "text/html", "<html>"],
  ["a file that does not begin", 200, "video/mp4"],
]) {
  test(`an abort is felt at once, whatever the fetch heeds: ${what}`, async () => {
    const { state, answered } = hanging(...answer);
    const { download } = client({ old: answered });
    const leave = new AbortController();
    const reason = new Error("the page is left");
    const downloading = caught(download(given, { signal: leave.signal }));
    await until(() => state.asked);
    await new Promise(setImmediate);
    leave.abort(reason);
    const error = await downloading;
    assert.deepEqual([error.code, error.name, error.cause], ["aborted", "AbortError", reason]);
    if (answer.length) await until(() => state.cancelled);

    const none = await caught(download(given, { signal: AbortSignal.abort() }));
    assert.deepEqual([none.code, state.asked], ["aborted", 1]);
  });
}

test("an abort while the file is read ends it, and it is not acknowledged", async () => {
  const { answered } = hanging(200, "video/mp4", "the vi");
  const { download } = client({ old: answered });
  const leave = new AbortController();
  const response = await download(given, { signal: leave.signal, acknowledge: true });
  const reading = caught(response.text());
  leave.abort();
  assert.equal((await reading).name, "AbortError");
});

test("a listener's own exception costs nobody a file", async (t) => {
  const shown = t.mock.method(console, "error", () => {});
  const mistake = () => {
    throw new Error("a mistake of the page");
  };
  const unhandled = await unhandledIn(async () => {
    for (const onProgress of [mistake, async () => mistake()]) {
      const response = await client({ old: file }).download(given, { onProgress });
      assert.equal(await response.text(), "the video");
    }
  });
  assert.deepEqual([unhandled, shown.mock.callCount()], [[], 2]);
});
