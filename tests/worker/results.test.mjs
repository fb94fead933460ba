// Results: copied from wherever a provider keeps them, whole or not at all, and served to whoever knows their name.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createClient } from "luma-edge";
import { root } from "../../scripts/setup.mjs";
import { importSource } from "../source.mjs";
import { KEYS, startOwnSite } from "./site.mjs";

const ORIGIN = "https://worker.example.com";

/** Keeps what it is given, as the queue does. */
const OWN = `
  import worker from "../../worker/src/index.ts";
  import { keepResults } from "../../worker/src/results/keep.ts";
  import { Result as Keeper } from "../../worker/src/index.ts";
  export { Account, Creation, Queue } from "../../worker/src/index.ts";
  let fails;
  /** Tells of each part that lies in the bucket; completes no file while that fails. */
  export class Result extends Keeper {
    constructor(ctx, env) {
      const bucket = env.RESULTS;
      const uploading = (upload) => ({
        uploadPart: async (number, bytes) => {
          const part = await upload.uploadPart(number, bytes);
          console.log("part " + number);
          return part;
        },
        complete: async (parts) => {
          if (fails === "before") throw new Error("the bucket is away");
          const object = await upload.complete(parts);
          if (fails === "after") throw new Error("the bucket's answer is lost");
          return object;
        },
        abort: () => upload.abort(),
      });
      const told = { resumeMultipartUpload: (...args) => uploading(bucket.resumeMultipartUpload(...args)) };
      const RESULTS = new Proxy(bucket, { get: (_, name) => told[name] ?? bucket[name].bind(bucket) });
      const PUBLIC_NETWORK = {
        fetch(url) {
          console.log("to the public network: " + url);
          throw new Error("there is none here");
        },
      };
      super(ctx, { ...env, RESULTS, PUBLIC_NETWORK });
    }
    /** As three days later. */
    giveUp() {
      return this.alarm();
    }
  }
  export default {
    async fetch(request, env, context) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/give-up") return Response.json((await env.RESULT.get(env.RESULT.idFromName(searchParams.get("job"))).giveUp()) ?? {});
      if (pathname !== "/keep") return worker.fetch(request, env, context);
      const { job, generation, bucket = true, completion } = await request.json();
      fails = completion;
      try {
        const { assets, outputs } = await keepResults({ ...env, ...(!bucket && { RESULTS: undefined }) }, "${ORIGIN}", job, generation);
        return Response.json({ assets, outputs });
      } catch (error) {
        const { name } = error.constructor;
        const { message, permanent, generation: { assets = {} } = {} } = error;
        const kept = Object.fromEntries(Object.entries(assets).filter(([, url]) => url.startsWith("${ORIGIN}")));
        return Response.json({ name, message, permanent, kept }, { status: 400 });
      }
    },
  };`;

let site;
let state;
before(async () => {
  state = await mkdtemp(join(root, "target/state-"));
  site = await startOwnSite(OWN, {
    state,
    env: { PUBLIC_URL: ORIGIN, RESULT_MEGABYTES: 30 },
    simulator: (base) => ({ baseUrl: base, assetTtl: 7_200_000 }),
  });
});
after(async () => {
  await site?.stop();
  await rm(state, { recursive: true, force: true });
});

const MB = 1_000_000;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that are a video by their beginning, each part unlike the others. */
function video(size) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2654435761) >>> 0, at);
  bytes.write("\0\0\0\x18ftypmp42", 0, "latin1");
  return bytes;
}

let number = 0;
const job = () => `job_${String(number++).padStart(22, "0")}`;
const of = (assets, more = {}) => ({ id: "g-1", provider: "agents", state: "completed", assets, raw: {}, ...more });
const keep = (generation, more = {}) => site.call("/keep", { body: { job: job(), generation, ...more } });

/** A server of files: what `files` has below /files/, by the acts that each request of a file takes in turn. */
function serveFiles(files) {
  const seen = [];
  site.intercept = ({ path, headers }) => {
    const file = files[path.replace("/files/", "")];
    if (!path.startsWith("/files/") || !file) return undefined;
    return (response) => {
      const act = file.acts?.shift() ?? {};
      const from = act.ignoresRange ? 0 : Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
      const isSame = headers["if-range"] === file.etag;
      const start = from && isSame ? from : 0;
      const rest = file.bytes.subarray(start);
      const sent = { range: headers.range, bytes: 0, authorization: headers.authorization };
      seen.push(sent);
      response.writeHead(act.status ?? (start ? 206 : 200), {
        "content-type": "video/mp4",
        ...(file.etag && { etag: file.etag }),
        ...(!act.chunked && { "content-length": act.says ?? rest.length }),
        ...(start && { "content-range": `bytes ${start}-${file.bytes.length - 1}/${file.bytes.length}` }),
        ...act.headers,
      });
      const cut = act.cutAfter === undefined ? rest : rest.subarray(0, act.cutAfter);
      sent.bytes = cut.length;
      if (act.cutAfter === undefined) return response.end(cut);
      // What was written arrives before the connection ends.
      response.write(cut, async () => {
        await act.finally?.();
        response.destroy();
      });
    };
  };
  return { seen, url: (name) => `${site.base}/files/${name}` };
}

/** The bytes at an address of this server's. */
async function read(address, headers = {}, method = "GET") {
  assert.ok(address.startsWith(`${ORIGIN}/results/`), address);
  const response = await fetch(site.worker.url + address.slice(ORIGIN.length), { headers, method });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

test("what each provider makes is kept, byte by byte", async () => {
  const paths = { "dream-machine": "/dream-machine/v1", agents: "/agents/v1", useapi: "/useapi/v1/luma", piapi: "/piapi" };
  const seen = new Set();
  const keys = { "dream-machine": "LUMA_API_KEY", agents: "LUMA_AGENTS_API_KEY", useapi: "USEAPI_TOKEN", piapi: "PIAPI_KEY" };
  for (const [provider, request] of [
    ["dream-machine", { model: "ray-2", prompt: "A tiger" }],
    ["dream-machine", { generation_type: "image", model: "photon-1", prompt: "A tiger" }],
    ["agents", { model: "ray-3.2", prompt: "A tiger", hdr: true, exr_export: true, resolution: "720p", duration: "5s" }],
    ["agents", { generation_type: "layering", media: { url: "https://example.com/tiger.png" }, prompt: "A tiger" }],
    ["useapi", { prompt: "A tiger", model: "ray-v3-flash" }],
    ["useapi", { generation_type: "image", prompt: "A tiger" }],
    ["piapi", { prompt: "A tiger" }],
  ]) {
    const client = createClient({
      provider,
      apiKey: KEYS[keys[provider]],
      baseUrl: `http://simulator${paths[provider]}`,
      fetch: site.simulator.fetch,
      limits: "none",
    });
    const { id } = await client.create(request);
    await site.simulator.advance(3_600_000);
    const generation = await client.get(id);
    assert.equal(generation.state, "completed", JSON.stringify(generation.failure));
    const { json } = await keep(generation);
    const files = [...Object.entries(generation.assets), ...(generation.outputs ?? []).map(({ url }, index) => [index, url])];
    for (const [name, url] of files) {
      const address = typeof name === "number" ? json.outputs[name].url : json.assets[name];
      const original = Buffer.from(await (await site.simulator.fetch(url)).arrayBuffer());
      const { status, bytes, headers } = await read(address);
      assert.equal(status, 200);
      assert.equal(sha256(bytes), sha256(original), `${provider} ${name}`);
      seen.add(`${provider} ${name} ${headers.get("content-type")}`);
    }
  }
  for (const file of ["agents exr application/zip", "agents 1 image/png", "useapi 3 image/jpeg", "piapi last_frame image/jpeg"])
    assert.ok(seen.has(file), `${file} is among ${[...seen]}`);
  assert.equal((await site.simulator.stats()).keyLeaks, 0);
});

test("a file of several parts: its hash is in the log, its name says nothing, and asked for again it is the same", async () => {
  const bytes = video(13 * MB);
  const { seen, url } = serveFiles({ large: { bytes } });
  const generation = of({ video: url("large") }, { outputs: [{ kind: "video", url: url("large"), layer: { index: 0 } }] });
  const id = job();
  const first = await keep(generation, { job: id });
  const address = first.json.assets.video;
  assert.match(address, /^https:\/\/worker\.example\.com\/results\/[\w-]{22}\.mp4$/);
  assert.deepEqual(first.json.outputs, [{ kind: "video", url: address, layer: { index: 0 } }]);
  assert.equal(sha256((await read(address)).bytes), sha256(bytes));
  assert.match(await site.line(id), new RegExp(`"bytes":${bytes.length},"sha256":"${sha256(bytes)}"`));
  assert.deepEqual((await keep(generation, { job: id })).json, first.json);
  assert.equal(seen.length, 1, "it was fetched once");
  assert.equal(seen[0].authorization, undefined, "and with no key");
  const others = await Promise.all([keep(generation), keep(generation)]);
  assert.equal(new Set([address, ...others.map(({ json }) => json.assets.video)]).size, 3);
});

test("asked for twice at once, it is copied once", async () => {
  const { seen, url } = serveFiles({ file: { bytes: video(MB) } });
  const id = job();
  const answers = await Promise.all([1, 2, 3].map(() => keep(of({ video: url("file") }), { job: id })));
  assert.equal(new Set(answers.map(({ json }) => json.assets.video)).size, 1);
  assert.equal(seen.length, 1);
});

test("a source that breaks off is asked for the rest", async () => {
  const bytes = video(12 * MB);
  const { seen, url } = serveFiles({ cut: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB }, { cutAfter: 2 * MB }] } });
  const { json } = await keep(of({ video: url("cut") }));
  assert.equal(sha256((await read(json.assets.video)).bytes), sha256(bytes));
  assert.equal(seen.length, 3);
  const from = seen.map(({ range }) => Number(/\d+/.exec(range ?? "0")[0]));
  assert.ok(from[0] === 0 && from[1] > 0 && from[1] <= 7 * MB && from[2] > from[1] && from[2] <= from[1] + 2 * MB, String(from));
  // No byte that had come was asked for again.
  assert.equal(seen[2].bytes, bytes.length - from[2]);
});

test("a source that takes no ranges, has changed (whatever it makes of If-Range), or has nothing to know it by, is read from its beginning", async () => {
  const bytes = video(8 * MB);
  const { seen, url } = serveFiles({
    plain: { bytes, acts: [{ cutAfter: 7 * MB }] },
    ignores: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB }, { ignoresRange: true }] },
    changed: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB, headers: { etag: '"former"' } }] },
    another: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB }, { cutAfter: 0, headers: { "content-range": "bytes 0-99/100" } }] },
    unread: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB }, { cutAfter: 0, headers: { etag: '"two"' } }] },
    shorter: { bytes, etag: '"one"', acts: [{ cutAfter: 7 * MB }, { cutAfter: 0, status: 416 }] },
  });
  for (const name of ["plain", "ignores", "changed", "another", "unread", "shorter"]) {
    seen.length = 0;
    const { json } = await keep(of({ video: url(name) }));
    assert.equal(sha256((await read(json.assets.video)).bytes), sha256(bytes), name);
    assert.deepEqual(seen.map((sent) => sent.bytes).filter(Boolean), [7 * MB, 8 * MB], name);
  }
});

test("workerd killed in the middle of a copy: it goes on with the part that was cut off", async () => {
  const bytes = video(18 * MB);
  let release = () => {};
  const killed = new Promise((resolve) => {
    release = resolve;
  });
  const { seen, url } = serveFiles({ file: { bytes, etag: '"one"', acts: [{ cutAfter: 12 * MB, finally: () => killed }] } });
  const id = job();
  const generation = of({ video: url("file") });
  site.log.length = 0;
  const first = keep(generation, { job: id }).catch(() => "killed");
  await site.line("part 2");
  await site.crash();
  release();
  assert.equal(await first, "killed");
  const { json } = await keep(generation, { job: id });
  assert.equal(sha256((await read(json.assets.video)).bytes), sha256(bytes));
  const from = Number(/^bytes=(\d+)-$/.exec(seen[1].range)[1]);
  assert.ok(from >= 5 * MB && from <= 12 * MB, String(from));
  assert.equal(seen[1].bytes, bytes.length - from, "the parts that were in the bucket were not sent again");
  assert.match(await site.line(`"sha256":"${sha256(bytes)}"`), new RegExp(id), "read back, since not all bytes passed through one process");
});

test("a copy that was cut off before or after its last word to the bucket is not fetched again", async () => {
  const bytes = video(6 * MB);
  const { seen, url } = serveFiles({ file: { bytes } });
  for (const completion of ["before", "after"]) {
    seen.length = 0;
    const id = job();
    const generation = of({ video: url("file") });
    assert.equal((await keep(generation, { job: id, completion })).status, 400);
    const { json } = await keep(generation, { job: id });
    assert.equal(sha256((await read(json.assets.video)).bytes), sha256(bytes));
    assert.match(await site.line(`"event":"result_kept","job":"${id}"`), new RegExp(`"bytes":${bytes.length},"sha256":"${sha256(bytes)}"`));
    assert.equal(seen.length, 1, completion);
  }
});

test("what is not the file that it should be is not kept, and why is said without its address", async () => {
  const page = Buffer.from("<!doctype html><title>Checking your browser</title>".padEnd(2000));
  const { url, seen } = serveFiles({
    page: { bytes: page },
    picture: { bytes: Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(100)]) },
    json: { bytes: Buffer.from('{"detail":"no"}') },
    empty: { bytes: Buffer.alloc(0) },
    large: { bytes: Buffer.alloc(0), acts: [{ says: 30 * MB + 1, cutAfter: 0 }] },
    endless: { bytes: video(31 * MB), acts: [{ chunked: true }] },
    short: { bytes: video(2000), etag: '"one"', acts: Array(9).fill({ says: 2000, cutAfter: 1000, ignoresRange: true }) },
    packed: { bytes: video(2000), acts: [{ headers: { "content-encoding": "gzip" } }] },
    failing: { bytes: page, acts: [{ status: 503 }] },
  });
  for (const [kind, name, message, permanent] of [
    ["video", "page", /should be the generation's video is a text or a web page/, true],
    ["image", "page", /should be the generation's image is a text/, true],
    ["hologram", "json", /should be the generation's hologram is a text/, true],
    ["video", "picture", /should be the generation's video is image\/png/, true],
    ["exr", "picture", /should be the generation's exr is image\/png/, true],
    ["video", "empty", /is empty/, false],
    ["video", "large", /too large: 30 MB are the most/, true],
    ["video", "endless", /too large: 30 MB are the most/, true],
    ["video", "short", /copy broke off/, false],
    ["video", "packed", /compressed/, false],
    ["video", "failing", /answered 503/, false],
  ]) {
    const { status, json } = await keep(of({ [kind]: url(name) }));
    assert.equal(status, 400, name);
    assert.match(json.message, message, name);
    assert.deepEqual([json.name, json.permanent], ["NotKept", permanent], name);
  }
  assert.equal(seen.filter(({ bytes }) => bytes === 1000).length, 5, "a source that always breaks off is not asked for ever");
});

test("of several files those that can be kept are, and the others keep their links", async () => {
  const { url, seen } = serveFiles({ good: { bytes: video(1000) }, page: { bytes: Buffer.from("<html>") } });
  const id = job();
  const first = await keep(of({ thumbnail: url("page"), video: url("good") }), { job: id });
  assert.match(first.json.message, /thumbnail/);
  assert.equal(first.json.permanent, true);
  assert.deepEqual(Object.keys(first.json.kept), ["video"]);
  assert.equal((await read(first.json.kept.video)).bytes.length, 1000);
  seen.length = 0;
  const again = await keep(of({ thumbnail: url("page"), video: url("good") }), { job: id });
  assert.deepEqual(again.json.kept, first.json.kept);
  assert.equal(seen.length, 1, "the one that is there is not fetched again");
});

test("a kind that is newer than this version is kept as a file to save", async () => {
  const { url } = serveFiles({ odd: { bytes: Buffer.from("\x00\x01\x02 something of 2028", "latin1") } });
  const { json } = await keep(of({ hologram: url("odd") }));
  const { headers } = await read(json.assets.hologram);
  assert.equal(headers.get("content-type"), "application/octet-stream");
  assert.match(headers.get("content-disposition"), /^attachment; filename="[\w-]{22}\.bin"$/);
});

test("a link that has expired is renewed once, by asking the provider with the key", async () => {
  const client = createClient({
    provider: "agents",
    apiKey: KEYS.LUMA_AGENTS_API_KEY,
    baseUrl: "http://simulator/agents/v1",
    fetch: site.simulator.fetch,
    limits: "none",
  });
  site.intercept = undefined;
  const { id } = await client.create({ model: "ray-3.2", prompt: "A tiger", resolution: "540p", duration: "5s" });
  await site.simulator.advance(3_600_000);
  const generation = await client.get(id);
  await site.simulator.advance(8_000_000);
  assert.equal((await site.simulator.fetch(generation.assets.video)).status, 403);
  const reads = async () => (await site.received()).filter((call) => call === `GET /agents/v1/generations/${id}`).length;
  const before = await reads();
  const { json } = await keep(generation);
  assert.equal(await reads(), before + 1);
  const fresh = await client.get(id);
  const original = Buffer.from(await (await site.simulator.fetch(fresh.assets.video)).arrayBuffer());
  assert.equal(sha256((await read(json.assets.video)).bytes), sha256(original));

  site.intercept = ({ path }) => (path.startsWith("/storage/") ? (response) => response.writeHead(403).end("AccessDenied") : undefined);
  const still = await reads();
  const { json: gone } = await keep(generation);
  assert.match(gone.message, /not good any more \(403\)/);
  assert.equal(await reads(), still + 1, "once");
});

test("a source that sends nothing is not waited for", async (t) => {
  const { opened } = await importSource("worker/src/results/source.ts");
  const silent = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const answers = [async (signal) => new Response(new ReadableStream({ pull: () => silent(signal) })), silent];
  t.mock.method(globalThis, "fetch", (_, { signal }) => answers.shift()(signal));
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const open = () => opened("https://example.com/video.mp4", { home: "https://example.org" }, 0, {}, new AbortController().signal);
  const begun = (await open()).chunks.next();
  t.mock.timers.tick(30_000);
  await assert.rejects(begun, /sent nothing for too long/);
  const never = open();
  t.mock.timers.tick(30_000);
  await assert.rejects(never, /sent nothing for too long/);
});

test("addresses that lead into a private network are not fetched, whoever redirects there", async () => {
  const to = (location) => ({ bytes: video(100), acts: [{ status: 302, headers: { location } }] });
  const { seen, url } = serveFiles({
    metadata: to("http://169.254.169.254/latest/meta-data"),
    local: to("https://localhost/x"),
    plain: to("http://example.com/video.mp4"),
    nowhere: to("https://"),
    other: to("file:///etc/passwd"),
    elsewhere: to("https://example.com/else.mp4"),
    round: { bytes: video(100), acts: Array(9).fill({ status: 307, headers: { location: "/files/round" } }) },
    twice: {
      bytes: video(100),
      acts: [
        { status: 301, headers: { location: "twice" } },
        { status: 302, headers: { location: "twice" } },
      ],
    },
  });
  for (const [address, message] of [
    ["http://127.0.0.1:1/video.mp4", /must be a public address/],
    [site.base.replace("127.0.0.1", "localhost"), /must be a public address/],
    ["https://2130706433/video.mp4", /must be a public address/],
    ["https://[::ffff:10.0.0.1]/video.mp4", /must be a public address/],
    ["http://example.com/video.mp4", /must begin with https/],
    ["https://user:password@example.com/video.mp4", /no user name/],
    [url("metadata"), /must be a public address/],
    [url("local"), /must be a public address/],
    [url("plain"), /must begin with https/],
    [url("other"), /must begin with https/],
    [url("nowhere"), /redirect to nowhere/],
    [url("round"), /more than 3 redirects/],
  ]) {
    const { json } = await keep(of({ video: address }));
    assert.match(json.message ?? "", message, address);
    assert.equal(json.permanent, true);
  }
  seen.length = 0;
  assert.equal((await keep(of({ video: url("twice") }))).status, 200);
  assert.equal(seen.length, 3);
  // A name that leads into a private network does so nowhere but there.
  for (const address of ["https://example.com/video.mp4", url("elsewhere")]) {
    const { json } = await keep(of({ video: address }));
    assert.deepEqual([json.message, json.permanent], ["The copy broke off.", false]);
  }
  await site.line("to the public network: https://example.com/video.mp4");
  await site.line("to the public network: https://example.com/else.mp4");
});

test("without a bucket, and without files, a generation stays as it is", async () => {
  const video = "https://example.com/video.mp4";
  assert.deepEqual((await keep(of({ video }), { bucket: false })).json, { assets: { video } });
  assert.deepEqual((await keep(of({}))).json, { assets: {} });
});

test("reading: ranges, validators, methods", async () => {
  const bytes = video(1000);
  const { url } = serveFiles({ file: { bytes } });
  const { json } = await keep(of({ video: url("file") }));
  const address = json.assets.video;
  const whole = await read(address);
  const etag = whole.headers.get("etag");
  const date = whole.headers.get("last-modified");
  assert.match(etag, /^"[^"]+"$/);
  for (const [headers, status, from, to] of [
    [{}, 200, 0, 1000],
    [{ range: "bytes=0-0" }, 206, 0, 1],
    [{ range: "bytes=10-19" }, 206, 10, 20],
    [{ range: "bytes=990-" }, 206, 990, 1000],
    [{ range: "bytes=990-5000" }, 206, 990, 1000],
    [{ range: "bytes=-10" }, 206, 990, 1000],
    [{ range: "bytes=-5000" }, 206, 0, 1000],
    [{ range: "bytes=1000-" }, 416],
    [{ range: "bytes=-0" }, 416],
    [{ range: "bytes=0-1,5-6" }, 200, 0, 1000],
    [{ range: "bytes=9-1" }, 200, 0, 1000],
    [{ range: "bytes=-" }, 200, 0, 1000],
    [{ range: "lines=0-1" }, 200, 0, 1000],
    [{ range: "bytes=0-9", "if-range": etag }, 206, 0, 10],
    [{ range: "bytes=0-9", "if-range": date }, 206, 0, 10],
    [{ range: "bytes=0-9", "if-range": '"another"' }, 200, 0, 1000],
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": `"another", W/${etag}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": etag, range: "bytes=0-9" }, 304],
    [{ "if-none-match": '"another"' }, 200, 0, 1000],
  ]) {
    const what = JSON.stringify(headers);
    for (const method of ["GET", "HEAD"]) {
      const part = await read(address, headers, method);
      assert.equal(part.status, status, what);
      if (from === undefined) continue;
      assert.equal(part.headers.get("content-length"), String(to - from), what);
      assert.equal(part.headers.get("content-range"), status === 206 ? `bytes ${from}-${to - 1}/1000` : null, what);
      assert.deepEqual(part.bytes, method === "GET" ? bytes.subarray(from, to) : Buffer.alloc(0), what);
    }
  }
  assert.equal((await read(address, { range: "bytes=1000-" })).headers.get("content-range"), "bytes */1000");
  for (const method of ["POST", "DELETE", "PUT"]) assert.equal((await read(address, {}, method)).status, 405);
  const preflight = await read(address, {}, "OPTIONS");
  assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-origin")], [204, "*"]);
});

test("reading: what browsers may do with it", async () => {
  const { url } = serveFiles({ file: { bytes: video(1000) } });
  const { json } = await keep(of({ video: url("file") }));
  const address = json.assets.video;
  const { headers } = await read(address, { origin: "https://any.example.com" });
  for (const [name, value] of [
    ["content-type", /^video\/mp4$/],
    ["cache-control", /^public, max-age=31536000, immutable$/],
    ["x-content-type-options", /^nosniff$/],
    ["content-security-policy", /default-src 'none'.*sandbox/],
    ["access-control-allow-origin", /^\*$/],
    ["access-control-expose-headers", /content-range/],
    ["cross-origin-resource-policy", /^cross-origin$/],
    ["accept-ranges", /^bytes$/],
  ])
    assert.match(headers.get(name) ?? "", value, name);
  assert.equal(headers.get("content-disposition"), null);
  assert.equal(headers.get("access-control-allow-credentials"), null);
  for (const [download, filename] of [
    ["tiger.mp4", "tiger.mp4"],
    ["tiger in snow.exe", "tiger in snow.mp4"],
    ['a"\r\nset-cookie: b=1', "a___set-cookie_ b_1.mp4"],
    ["../../etc/passwd", ".._.._etc_passwd.mp4"],
    ["虎", "_.mp4"],
  ]) {
    const named = await read(`${address}?download=${encodeURIComponent(download)}`);
    assert.equal(named.headers.get("content-disposition"), `attachment; filename="${filename}"`);
  }
  const plain = await read(`${address}?download`);
  assert.equal(plain.headers.get("content-disposition"), `attachment; filename="${address.split("/").at(-1)}"`);
});

test("a name that is not one leads nowhere, and no name is in the log", async () => {
  const { url } = serveFiles({ file: { bytes: video(1000) } });
  const id = job();
  const { json } = await keep(of({ video: url("file") }), { job: id });
  const name = json.assets.video.split("/").at(-1);
  for (const other of [
    `${id}.mp4`,
    "",
    name.slice(0, -1),
    `${name}x`,
    name.replace(".mp4", ".png"),
    name.toUpperCase(),
    `x/../${name}x`,
    `..%2fuploads%2f${name}`,
    `%00${name}`,
    "a".repeat(5000),
  ])
    assert.equal((await fetch(`${site.worker.url}/results/${other}`)).status, 404, other);
  assert.equal((await fetch(`${site.worker.url}/uploads/${name}`)).status, 404, "a result is no upload");
  const { headers } = await read(json.assets.video);
  const line = await site.line(headers.get("x-request-id"));
  assert.match(line, /"route":"\/results\/:name"/);
  assert.ok(!site.log.some((line) => line.includes(name.slice(0, 22))), "the name is a secret");
});

test("results of a limited life are deleted by their object's alarm", async () => {
  const own = await startOwnSite(OWN, { env: { PUBLIC_URL: ORIGIN, RESULT_DAYS: 1e-5 }, simulator: (base) => ({ baseUrl: base }) });
  try {
    own.intercept = () => (response) => response.end(video(6 * MB));
    const id = job();
    const { json } = await own.call("/keep", { body: { job: id, generation: of({ video: `${own.base}/x` }) } });
    const path = json.assets.video.slice(ORIGIN.length);
    await own.line("files_expired");
    assert.equal((await fetch(own.worker.url + path)).status, 404);
  } finally {
    await own.stop();
  }
});

test("a copy that is given up takes no file along that was kept: its job leads there", async () => {
  const { url } = serveFiles({
    video: { bytes: video(1000) },
    large: { bytes: video(6 * MB) },
    page: { bytes: Buffer.from("<html>Not here</html>") },
  });
  const [id, generation] = [job(), of({ video: url("video"), video_large: url("large"), image: url("page") })];
  const { json } = await keep(generation, { job: id });
  assert.equal(json.permanent, true);
  assert.deepEqual(Object.keys(json.kept), ["video", "video_large"]);
  await site.call(`/give-up?job=${id}`);
  for (const address of Object.values(json.kept)) assert.equal((await read(address)).status, 200);
  assert.deepEqual((await keep(generation, { job: id })).json.kept, json.kept, "and they are known");
});

test("the types of files are told by their first bytes", async () => {
  const { typeOf } = await importSource("worker/src/bucket/types.ts");
  for (const [beginning, type] of [
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["\x89PNG\r\n\x1a\n", "image/png"],
    ["GIF89a", "image/gif"],
    ["RIFF\0\0\0\0WEBPVP8 ", "image/webp"],
    ["\0\0\0\x18ftypheic", "image/heic"],
    ["\0\0\0\x18ftypavif", "image/avif"],
    ["\0\0\0\x18ftypqt  ", "video/quicktime"],
    ["\0\0\0\x18ftypisom", "video/mp4"],
    ["\x1aE\xdf\xa3", "video/webm"],
    ["PK\x03\x04", "application/zip"],
    ["v/1\x01", "image/x-exr"],
    ["<svg xmlns=", undefined],
    ["%PDF-1.7", undefined],
    ["", undefined],
  ])
    assert.equal(typeOf(Buffer.from(beginning, "latin1")), type, beginning);
});
