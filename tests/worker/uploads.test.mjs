// Uploads: a public address for a picture, for a while; what is no picture or video, too large, too slow or too much is refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { callers } from "../../scripts/worker.mjs";
import { importSource } from "../source.mjs";
import { ANNE, BOB, startOwnSite, startSite } from "./site.mjs";

const ORIGIN = "https://worker.example.com";
const CAROL = "token-of-carol-0123456789abcdef";
const DAVE = "token-of-dave-0123456789abcdef";

let site;
before(async () => {
  const [anne, bob, carol, dave] = callers([ANNE, BOB, CAROL, DAVE]);
  site = await startSite({
    env: {
      CALLERS: [
        anne,
        { ...bob, limits: { uploadMegabytesPerDay: 1 } },
        { ...carol, limits: { uploadMegabytesPerDay: 0.5 } },
        { ...dave, limits: { requestsPerMinute: 1 } },
      ],
      PUBLIC_URL: ORIGIN,
      UPLOAD_MEGABYTES: 2,
      BODY_SECONDS: 1,
      ORIGINS: ["https://page.example.com"],
    },
  });
});
after(() => site?.stop());

const file = (beginning, size = 1000) => Buffer.concat([Buffer.from(beginning, "latin1"), Buffer.alloc(size)], size);
const PNG = "\x89PNG\r\n\x1a\n";
const upload = (body, more = {}) => site.call("/uploads", { body, ...more, headers: { "content-type": "image/any", ...more.headers } });
const path = ({ json }) => json.url.slice(ORIGIN.length);

test("each type by its first bytes, whatever it is called", async () => {
  for (const [beginning, type, ending] of [
    ["\xff\xd8\xff\xe0", "image/jpeg", "jpg"],
    [PNG, "image/png", "png"],
    ["RIFF\0\0\0\0WEBPVP8 ", "image/webp", "webp"],
    ["GIF89a", "image/gif", "gif"],
    ["\0\0\0\x18ftypmp42", "video/mp4", "mp4"],
    ["\0\0\0\x14ftypqt  ", "video/quicktime", "mov"],
    ["\x1aE\xdf\xa3", "video/webm", "webm"],
  ]) {
    const bytes = file(beginning);
    const before = Date.now();
    const { status, json } = await upload(bytes);
    assert.equal(status, 201, JSON.stringify(json));
    assert.deepEqual([json.type, json.size, Object.keys(json).sort()], [type, 1000, ["expires_at", "size", "type", "url"]]);
    assert.match(json.url, new RegExp(`^https://worker\\.example\\.com/uploads/[\\w-]{22}\\.${ending}$`));
    const hours = (Date.parse(json.expires_at) - before) / 3_600_000;
    assert.ok(hours > 23.9 && hours < 24.1, json.expires_at);
    const read = await fetch(site.worker.url + path({ json }));
    assert.deepEqual(Buffer.from(await read.arrayBuffer()), bytes);
    assert.equal(read.headers.get("content-type"), type);
    assert.match(read.headers.get("cache-control"), /^public, max-age=863\d\d, immutable$/, "no longer than it is there");
  }
  for (const bytes of [
    file("<!doctype html><script>"),
    file('<svg xmlns="http://www.w3.org/2000/svg">'),
    file("%PDF-1.7"),
    file("PK\x03\x04"),
    file("\0\0\0\x18ftypheic"),
    file("MZ"),
    file("\xff\xd8\xff", 2),
    Buffer.alloc(0),
    Buffer.alloc(1),
  ]) {
    const { status, json } = await upload(bytes, { headers: { "content-type": "image/png" } });
    assert.deepEqual([status, json.code], [415, "media_type"]);
  }
});

test("sizes", async () => {
  assert.equal((await upload(file(PNG, 2_000_000))).status, 201);
  // Answered before the body comes: whoever sends it all the same may find the connection closed.
  const head = `POST /uploads HTTP/1.1\nhost: x\nauthorization: Bearer ${ANNE}\nconnection: close\n`;
  for (const [field, status, code] of [
    ["content-length: 2000001", 413, "too_large"],
    ["transfer-encoding: chunked", 411, "bad_request"],
  ]) {
    const answer = await site.raw(`${head}${field}\n\n`);
    assert.deepEqual([answer.status, answer.text.includes(`"${code}"`)], [status, true], answer.text);
  }
  assert.equal((await upload(file(PNG), { headers: { "content-encoding": "gzip" } })).status, 415);
});

test("who may: a caller, so often; only POST; pages of the listed origins", async () => {
  assert.equal((await upload(file(PNG), { token: false })).status, 401);
  assert.equal((await upload(file(PNG), { token: "guessed" })).status, 401);
  assert.equal((await upload(file(PNG), { method: "PUT" })).status, 405);
  assert.equal((await site.call("/uploads")).status, 405, "there is no list");
  assert.equal((await upload(file(PNG), { token: DAVE })).status, 201);
  assert.equal((await upload(file(PNG), { token: DAVE })).json.code, "limit");
  const page = await upload(file(PNG), { headers: { origin: "https://page.example.com" } });
  assert.equal(page.headers.get("access-control-allow-origin"), "https://page.example.com");
  assert.equal((await upload(file(PNG), { headers: { origin: "https://other.example.com" } })).status, 403);
  const preflight = await site.call("/uploads", { method: "OPTIONS", token: false, headers: { origin: "https://page.example.com" } });
  assert.equal(preflight.status, 204);
});

test("a quota is exact with many at once, and what is refused or breaks off takes nothing of it", async () => {
  const status = async () => (await upload(file(PNG, 100_000), { token: BOB })).status;
  // Small ones, of which all has arrived when the refusal goes out: a connection that is closed before that may lose the answer.
  for (let index = 0; index < 40; index++) assert.equal((await upload(file("MZ", 30_000), { token: BOB })).status, 415);
  const { hostname, port } = new URL(site.worker.url);
  for (let index = 0; index < 3; index++) {
    site.log.length = 0;
    const socket = connect(Number(port), hostname);
    socket.write(`POST /uploads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${BOB}\r\ncontent-length: 900000\r\n\r\n`);
    socket.write(file(PNG, 300_000));
    await once(socket, "drain").catch(() => {});
    socket.destroy();
    await site.line('"route":"/uploads"');
  }
  const all = await Promise.all(Array.from({ length: 30 }, status));
  assert.equal(all.filter((status) => status === 201).length, 10, String(all));
  assert.equal(all.filter((status) => status === 429).length, 20);
  const refused = await upload(file(PNG, 100_000), { token: BOB });
  assert.match(refused.json.detail, /this caller may have 1 MB/);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.equal((await upload(file(PNG, 500_000), { token: CAROL })).status, 201, "each has its own");
});

test("a slow body is not waited for", async () => {
  const { status, text } = await site.raw(
    `POST /uploads HTTP/1.1\nhost: x\nauthorization: Bearer ${ANNE}\ncontent-length: 1000\nconnection: close\n\n\x89PNG`,
  );
  assert.equal(status, 400, text);
  assert.match(text, /took too long/);
});

test("the address may stand in a request, wherever this server runs; nothing else of this machine may", async () => {
  const { addressProblems } = await importSource("worker/src/requests/addresses.ts");
  const here = "http://127.0.0.1:8787";
  const name = "abcdefghijklmnopqrstuv.png";
  const isTaken = (url, origin) => addressProblems({ media: { url } }, origin).length === 0;
  for (const url of [`${here}/uploads/${name}`, `${here}/results/${name}`]) {
    assert.ok(isTaken(url, here), url);
    assert.ok(!isTaken(url), "only where the origin is known");
    assert.ok(!isTaken(url, "http://127.0.0.1:8788"), "only of this server");
  }
  for (const url of [
    `${here}/luma/agents/generations`,
    `${here}/uploads/`,
    `${here}/uploads/${name}/x`,
    `${here}/uploads/../admin/${name}`,
    `${here}/uploads/..%2fadmin`,
    `${here}/uploads/short.png`,
    `${here}/uploads/${name}?x=1`,
    `${here}@10.0.0.1/uploads/${name}`,
    `${here}.nip.io/uploads/${name}`,
    `http://127.0.0.1/uploads/${name}`,
    `http://localhost:8787/uploads/${name}`,
    `http://10.0.0.1/uploads/${name}`,
  ])
    assert.ok(!isTaken(url, here), url);
  const { json } = await upload(file(PNG));
  const made = await site.create({ keyframes: { frame0: { type: "image", url: json.url } } });
  assert.equal(made.status, 201, made.text);
});

test("without PUBLIC_URL the address is that of the request", async () => {
  const local = await startSite();
  try {
    const body = file(PNG);
    const answer = await fetch(`${local.worker.url}/uploads`, { method: "POST", headers: { authorization: `Bearer ${ANNE}` }, body });
    const { url } = await answer.json();
    assert.ok(url.startsWith(`${local.worker.url}/uploads/`), url);
    assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), body);
  } finally {
    await local.stop();
  }
});

test("an upload of a limited life is deleted by its object's alarm; without a bucket there are none", async () => {
  const own = await startOwnSite(
    `
    import worker from "../../worker/src/index.ts";
    export * from "../../worker/src/index.ts";
    export default { fetch: (request, env, context) =>
      worker.fetch(request, request.headers.has("x-without") ? { ...env, RESULTS: undefined } : env, context) };`,
    { env: { CALLERS: callers([ANNE]), PUBLIC_URL: ORIGIN, UPLOAD_HOURS: 0.0005 } },
  );
  try {
    const call = (headers) => own.call("/uploads", { body: file(PNG), headers });
    const { json } = await call();
    await own.line("files_expired");
    assert.equal((await fetch(own.worker.url + path({ json }))).status, 404);
    const without = await call({ "x-without": "1" });
    assert.deepEqual([without.status, without.json.code], [403, "not_configured"]);
    assert.equal((await fetch(own.worker.url + path({ json }), { headers: { "x-without": "1" } })).status, 404);
  } finally {
    await own.stop();
  }
});
