// Webhooks: signed by the standard, posted where they may go and nowhere else, whatever the address is written like.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { callers } from "../../scripts/worker.mjs";
import { importSource } from "../source.mjs";
import { startReceiver } from "./receiver.mjs";
import { ANNE, BOB, startOwnSite } from "./site.mjs";

const { nextAttempt } = await importSource("worker/src/webhooks/retry.ts");
const { webhookSecret } = await importSource("worker/src/webhooks/sign.ts");
const { settingsOf } = await importSource("worker/src/env.ts");
const { webhookProblem } = await importSource("worker/src/webhooks/target.ts");

const secret = () => randomBytes(32).toString("base64");
const [NEW, OLD] = [secret(), secret()];

/** The Worker, and a path at which a test has `send` called with variables of its own. */
const OWN = `
  import worker from "../../worker/src/index.ts";
  import { send } from "../../worker/src/webhooks/send.ts";
  export * from "../../worker/src/index.ts";
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url);
      if (pathname === "/send") {
        const { webhook, variables, within } = await request.json();
        return Response.json(await send({ ...env, ...variables }, webhook, within));
      }
      if (pathname === "/networks") {
        const went = [];
        const network = { fetch: async (url) => went.push(url) && new Response() };
        for (const url of await request.json()) await send({ ...env, PUBLIC_NETWORK: network }, { id: "1", url, caller: "anne", body: "{}" });
        return Response.json(went);
      }
      if (pathname === "/reach") {
        const url = await request.text();
        const reached = [globalThis, env.PUBLIC_NETWORK].map((network) => network.fetch(url).then(() => true, () => false));
        return Response.json(await Promise.all(reached));
      }
      return worker.fetch(request, env, context);
    },
  };`;

let receiver;
let received = [];
let answer;
let target;
let site;

before(async () => {
  receiver = await startReceiver((request, response) => {
    received.push(request);
    answer(response);
  });
  target = receiver.target;
  const env = { CALLERS: callers([ANNE, BOB]), SIGNING_SECRET: `${NEW} ${OLD}`, WEBHOOK_ORIGINS: [target] };
  site = await startOwnSite(OWN, { env });
});
after(async () => {
  receiver?.stop();
  await site?.stop();
});

const hook = (more) => ({ id: "msg_1", url: `${target}/hook`, caller: "caller-1", body: '{"type":"job.completed"}', ...more });

/** What `send` tells, and what the receiver got. */
async function sent(webhook, { status = 204, headers, ...more } = {}) {
  received = [];
  answer = more.answer ?? ((response) => response.writeHead(status, headers).end());
  const { json } = await site.call("/send", { body: { webhook, variables: more.variables, within: more.within ?? 10_000 } });
  return { told: json, received };
}

const callersSecret = async (token) => (await site.call("/webhook-secret", { token })).json.secret;

test("the library of the standard verifies a webhook by the caller's own secret, and by no other", async () => {
  const { told, received } = await sent(hook());
  assert.deepEqual(told, { ok: true });
  const [{ method, path, headers, body }] = received;
  assert.deepEqual([method, path, body, headers["content-type"]], ["POST", "/hook", '{"type":"job.completed"}', "application/json"]);
  assert.equal(headers["webhook-id"], "msg_1");
  assert.deepEqual(new Webhook(await callersSecret(ANNE)).verify(body, headers), { type: "job.completed" });
  const others = new Webhook(await callersSecret(BOB));
  assert.throws(() => others.verify(body, headers), /No matching signature/);
  const own = new Webhook(await callersSecret(ANNE));
  for (const [changed, words] of [
    [[body.replace("completed", "failed"), headers], /No matching signature/],
    [[body, { ...headers, "webhook-id": "msg_2" }], /No matching signature/],
    [[body, { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 3600) }], /too old/],
  ])
    assert.throws(() => own.verify(...changed), words);
});

test("while the secret is replaced, a receiver may have the old one or the new one", async () => {
  const [{ headers, body }] = (await sent(hook())).received;
  const older = await webhookSecret(OLD, "caller-1");
  assert.equal(await callersSecret(ANNE), await webhookSecret(NEW, "caller-1"), "a caller is shown the new one");
  for (const own of [await callersSecret(ANNE), older]) assert.ok(new Webhook(own).verify(body, headers));
  const third = await webhookSecret(secret(), "caller-1");
  assert.throws(() => new Webhook(third).verify(body, headers), /No matching signature/);
});

test("a caller is shown its own secret, and nobody else any", async () => {
  const [anne, bob] = await Promise.all([ANNE, BOB].map(callersSecret));
  assert.match(anne, /^whsec_[\w+/]{43}=$/);
  assert.notEqual(anne, bob);
  assert.equal((await site.call("/webhook-secret", { token: false })).status, 401);
  assert.equal((await site.call("/webhook-secret", { token: "a-guess" })).status, 401);
  assert.equal((await site.call("/webhook-secret", { method: "POST" })).status, 405);
  const page = await site.call("/webhook-secret", { headers: { origin: "https://elsewhere.com" } });
  assert.deepEqual([page.status, page.json.code], [403, "origin"]);
});

test("what came of an attempt, by the receiver's answer", async () => {
  for (const [status, headers, expected] of [
    [200, {}, { ok: true }],
    [299, {}, { ok: true }],
    [301, { location: `${target}/elsewhere` }, { ok: false, retry: true, detail: /answered 301, a redirect, which is not followed/ }],
    [307, { location: "http://127.0.0.1:1/" }, { ok: false, retry: true, detail: /a redirect/ }],
    [304, {}, { ok: false, retry: true, detail: /304/ }],
    [400, {}, { ok: false, retry: true, detail: /answered 400/ }],
    [401, {}, { ok: false, retry: true, detail: /answered 401/ }],
    [404, {}, { ok: false, retry: true, detail: /answered 404/ }],
    [410, {}, { ok: false, retry: false, detail: /wants no more/ }],
    [429, { "retry-after": "120" }, { ok: false, retry: true, detail: /429/, after: 120_000 }],
    [503, { "retry-after": "999999999" }, { ok: false, retry: true, detail: /503/, after: 3_600_000 }],
    [503, { "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT" }, { ok: false, retry: true, detail: /503/, after: 0 }],
    [503, { "retry-after": "Sat, 01 Jan 2089 00:00:00 GMT" }, { ok: false, retry: true, detail: /503/, after: 3_600_000 }],
    [503, { "retry-after": "soon" }, { ok: false, retry: true, detail: /503/ }],
    [500, { "set-cookie": "a=b" }, { ok: false, retry: true, detail: /answered 500/ }],
  ]) {
    const { told, received } = await sent(hook(), { status, headers });
    const { detail, ...plain } = expected;
    assert.deepEqual({ ...told, detail: undefined }, { ...plain, detail: undefined }, JSON.stringify([status, headers]));
    if (detail) assert.match(told.detail, detail);
    assert.equal(received.length, 1, "no redirect is followed");
  }
});

test("an answer's body is not read, one that never comes is not waited for, one that breaks off is sent again", async () => {
  const endless = (response) => {
    response.writeHead(200);
    const more = () => response.write("x".repeat(65536), () => response.destroyed || more());
    more();
  };
  assert.deepEqual((await sent(hook(), { answer: endless })).told, { ok: true });
  const trickling = (response) => response.writeHead(500).write("It");
  assert.match((await sent(hook(), { answer: trickling })).told.detail, /answered 500/);
  const late = await sent(hook(), { answer: () => {}, within: 100 });
  assert.deepEqual(late.told, { ok: false, retry: true, detail: "No answer came within 0.1 s." });
  const broken = await sent(hook(), { answer: (response) => response.destroy() });
  assert.deepEqual(broken.told, { ok: false, retry: true, detail: "The address could not be reached." });
});

const PRIVATE = [
  // this machine, in every notation of the address
  "https://127.0.0.1/",
  "https://127.1/",
  "https://127.0.0.1./",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.1/",
  "https://017700000001/",
  "https://0177.0.0.1/",
  "https://127.0.0.1:443/",
  "https://127.255.255.254/",
  "https://0/",
  "https://0.0.0.0/",
  "https://①②⑦.⓪.⓪.①/",
  "https://%31%32%37.0.0.1/",
  "https://127。0。0。1/",
  "https:\\\\127.0.0.1\\",
  "https:127.0.0.1",
  " https://127.0.0.1/",
  "https://127.0\n.0.1/",
  // its networks
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://0xa9fea9fe/",
  "https://2852039166/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  // the same in IPv6
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:db8::1]/",
  "https://[fe80::1]/",
  "https://[fd00:ec2::254]/",
  "https://[ff02::1]/",
  // names
  "https://localhost/",
  "https://localhost./",
  "https://LOCALHOST/",
  "https://app.localhost/",
  "https://printer.local/",
  "https://metadata.google.internal/",
  "https://router.lan/",
  "https://intranet/",
  "https://127.0.0.1.nip.io/",
  "https://7f000001.nip.io/",
  "https://127-0-0-1.sslip.io/",
  "https://app.localtest.me/",
  "https://app.lvh.me./",
];
const WRONG = [
  ...PRIVATE,
  // other schemes
  "http://example.com/",
  "ftp://example.com/",
  "file:///etc/passwd",
  "data:text/plain,x",
  "javascript:alert(1)",
  "blob:https://example.com/1",
  "ws://example.com/",
  "//example.com/",
  "/hook",
  "example.com",
  "",
  "https://",
  "https://exa mple.com/",
  "https://example.com:99999/",
  "https://[::1/",
  // a name and a password, and what looks like a host before the host
  "https://anne@example.com/",
  "https://anne:word@example.com/",
  "https://example.com@127.0.0.1/",
  "https://127.0.0.1@example.com/",
  `https://example.com/${"x".repeat(2000)}`,
];

test("nothing is sent to a target that is not public and https, in whatever notation, and it is not tried again", async () => {
  for (const url of WRONG) {
    const { told, received } = await sent(hook({ url }));
    assert.deepEqual([told.ok, told.retry, received.length], [false, false, 0], url);
    assert.match(told.detail, /^The address must /, url);
  }
});

test("the same addresses are refused when a job is handed over", () => {
  const settings = settingsOf({ SIGNING_SECRET: NEW });
  for (const url of WRONG) assert.match(webhookProblem(settings, url) ?? "", /^must /, url);
  for (const url of [
    "https://example.com/hook?job=1",
    "https://example.com:8443/hook",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://127.0.0.1.example.com/",
    "https://localhost.example.com/",
    "https://10.example.com/#fragment",
  ])
    assert.equal(webhookProblem(settings, url), undefined, url);
  assert.match(webhookProblem(settingsOf({}), "https://example.com/hook"), /no SIGNING_SECRET/);
});

test("an origin that the deployer named is exempt, as a whole, and from these checks alone", async () => {
  const settings = settingsOf({ SIGNING_SECRET: NEW, WEBHOOK_ORIGINS: ["http://127.0.0.1:9000"] });
  assert.equal(webhookProblem(settings, "http://127.0.0.1:9000/hook"), undefined);
  assert.equal(webhookProblem(settings, "http://2130706433:9000/hook"), undefined, "the same origin in another notation");
  for (const url of [
    "http://127.0.0.1:9001/hook",
    "https://127.0.0.1:9000/hook",
    "http://127.0.0.1/hook",
    "http://localhost:9000/hook",
    "http://127.0.0.1:9000@example.com/hook",
    "http://anne@127.0.0.1:9000/hook",
  ])
    assert.match(webhookProblem(settings, url) ?? "", /^must /, url);
  assert.throws(
    () => settingsOf({ WEBHOOK_ORIGINS: ["http://127.0.0.1:9000/hook"] }),
    ({ cause }) => /WEBHOOK_ORIGINS: .* is no origin/.test(cause.message),
  );
});

test("whatever is not exempt goes out by PUBLIC_NETWORK, where a name that leads to this machine is refused", async () => {
  const { json } = await site.call("/networks", { body: ["https://example.com/hook", `${target}/hook`] });
  assert.deepEqual(json, ["https://example.com/hook"]);
  const port = new URL(target).port;
  answer = (response) => response.end();
  for (const name of ["localhost", hostname()]) {
    const here = await lookup(name).catch(() => {});
    if (!here?.address.startsWith("127.")) continue; // the machine's own name leads elsewhere, or nowhere
    const { json } = await site.call("/reach", { method: "POST", body: `http://${name}:${port}/` });
    assert.deepEqual(json, [true, false], `${name}: by fetch, by PUBLIC_NETWORK`);
  }
});

test("no line of an address, and nothing of a body, becomes a header field", async () => {
  const { told, received } = await sent(
    hook({ url: `${target}/hook\r\nx-injected: 1\r\n\r\nGET /other HTTP/1.1?a=%0d%0ax-injected:%201`, body: '"\r\nx-injected: 1"' }),
  );
  assert.deepEqual([told, received.length], [{ ok: true }, 1]);
  assert.equal(received[0].headers["x-injected"], undefined);
  assert.equal(received[0].body, '"\r\nx-injected: 1"');
});

test("without a secret nothing is sent, nor by settings that cannot be read", async () => {
  const without = await sent(hook(), { variables: { SIGNING_SECRET: "" } });
  assert.deepEqual([without.told.ok, without.received.length], [false, 0]);
  assert.match(without.told.detail, /no SIGNING_SECRET/);
  const unread = await sent(hook(), { variables: { LIMITS: "[" } });
  assert.deepEqual([unread.told.ok, unread.told.retry, unread.received.length], [false, true, 0]);
  assert.match(unread.told.detail, /not configured/);
  for (const SIGNING_SECRET of ["short", "c2hvcnQ=", `${NEW} ${OLD} ${NEW}`, `${NEW},${OLD}`, "*".repeat(44)])
    assert.throws(
      () => settingsOf({ SIGNING_SECRET }),
      ({ cause }) => /SIGNING_SECRET must be 32 random bytes/.test(cause.message) && !cause.message.includes(SIGNING_SECRET),
    );
});

test("it is sent again for a day, ever more rarely, and never all at once", () => {
  const pauses = (random) => {
    const all = [];
    for (let attempts = 1, pause; (pause = nextAttempt(attempts, 0, random)) !== undefined; attempts++) all.push(pause);
    return all;
  };
  const [least, middle, most] = [pauses(0), pauses(0.5), pauses(1)];
  assert.deepEqual(middle.slice(0, 3), [5_000, 300_000, 1_800_000]);
  const hours = middle.reduce((sum, pause) => sum + pause) / 3_600_000;
  assert.ok(hours > 22 && hours < 24, String(hours));
  for (const [index, pause] of middle.entries()) {
    assert.ok(index === 0 || pause > middle[index - 1]);
    assert.deepEqual(
      [least[index], most[index]],
      [0.9, 1.1].map((part) => Math.round(pause * part)),
    );
  }
  assert.equal(nextAttempt(1, 120_000, 0.5), 120_000, "as late as the receiver asks");
  assert.equal(nextAttempt(2, 1_000, 0.5), 300_000);
  assert.equal(nextAttempt(middle.length + 1, 1_000), undefined);
});
