// Closed by default: whatever is missing or cannot be read refuses everything, and says so.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { importSource } from "../source.mjs";

const { settingsOf, upstreamOf } = await importSource("worker/src/env.ts");
const { authorized } = await importSource("worker/src/auth/authorize.ts");
const { micros, periods } = await importSource("worker/src/limits/money.ts");

const SHA = "0".repeat(64);

test("settings are read as values and as text", () => {
  const given = {
    CALLERS: [{ name: "anne", sha256: SHA, limits: { jobsAtOnce: 1 } }],
    ORIGINS: ["https://a.com"],
    LIMITS: { usdPerDay: 5 },
  };
  const texts = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, JSON.stringify(value)]));
  assert.deepEqual(settingsOf(texts), settingsOf(given));
  assert.deepEqual(settingsOf(given).limits, { usdPerDay: 5 });
  assert.deepEqual(settingsOf({ CALLERS: "", ORIGINS: " " }), settingsOf({}), "an empty one is none");
});

test("settings that cannot be read close the server; the caller is not told which", () => {
  for (const [env, words] of [
    [{ CALLERS: "[" }, /CALLERS is not JSON/],
    [{ CALLERS: {} }, /must be a list/],
    [{ CALLERS: [{ name: "a", token: "secret" }] }, /token is not known/],
    [{ CALLERS: [{ name: "a b", sha256: SHA }] }, /name/],
    [{ CALLERS: [{ name: "a", sha256: SHA.toUpperCase().replaceAll("0", "A") }] }, /sha256/],
    [
      {
        CALLERS: [
          { name: "a", sha256: SHA },
          { name: "a", sha256: SHA },
        ],
      },
      /same name/,
    ],
    [{ CALLERS: [{ name: "a", sha256: SHA, limits: { usd: 1 } }] }, /CALLERS\[0\]\.limits\.usd is not known/],
    [{ LIMITS: { usdPerDay: -1 } }, /number/],
    [{ LIMITS: { usdPerDay: "5" } }, /number/],
    [{ LIMITS: { usdPerDay: Number.NaN } }, /number/],
    [{ LIMITS: [] }, /object/],
    [{ CALLER_LIMITS: { models: "ray-2" } }, /list/],
    [{ BODY_SECONDS: "3O" }, /BODY_SECONDS must be a number/],
    [{ BODY_SECONDS: -5 }, /BODY_SECONDS must be a number/],
    [{ UPSTREAMS: "{" }, /UPSTREAMS is not JSON/],
    [{ UPSTREAMS: { luma: "https://a.com" } }, /UPSTREAMS: there is no provider "luma"/],
    [{ UPSTREAMS: { agents: "a.com" } }, /UPSTREAMS.agents must be an http/],
    [{ RESULT_DAYS: 0 }, /RESULT_DAYS must be a number/],
    [{ RESULT_MEGABYTES: "2 GB" }, /RESULT_MEGABYTES must be a number/],
    [{ UPLOAD_HOURS: -1 }, /UPLOAD_HOURS must be a number/],
    [{ UPLOAD_MEGABYTES: [] }, /UPLOAD_MEGABYTES must be a number/],
    [{ CALLER_LIMITS: { uploadMegabytesPerDay: "1" } }, /number/],
    [{ ORIGINS: ["*"] }, /no origin/],
    [{ ORIGINS: ["https://a.com/"] }, /no origin/],
    [{ DEFAULT_PROVIDER: "other" }, /no provider/],
    [{ PUBLIC_URL: "https://a.com/" }, /PUBLIC_URL: .*no origin/],
    [{ PUBLIC_URL: "a.com" }, /PUBLIC_URL: .*no origin/],
    [{ WEBHOOK_ORIGINS: ["*"] }, /WEBHOOK_ORIGINS: .*no origin/],
    [{ SIGNING_SECRET: "short" }, /SIGNING_SECRET must be/],
  ]) {
    assert.throws(
      () => settingsOf(env),
      ({ status, message, cause }) => status === 403 && /not configured/.test(message) && words.test(cause.message),
      JSON.stringify(env),
    );
  }
});

test("without a setting the provider is the one that is deployed by default", async () => {
  const deployed = await readFile(new URL("../../worker/wrangler.jsonc", import.meta.url), "utf8");
  const documents = await readFile(new URL("../../docs/worker.md", import.meta.url), "utf8");
  const provider = settingsOf({}).defaultProvider;
  assert.equal(provider, "agents");
  assert.match(deployed, new RegExp(`"DEFAULT_PROVIDER": "${provider}"`));
  assert.match(documents, new RegExp(`DEFAULT_PROVIDER.*by default ${provider}`));
});

test("without a key nothing is forwarded", () => {
  assert.throws(() => upstreamOf({}, "agents"), /no key for agents: set the secret LUMA_AGENTS_API_KEY/);
  assert.throws(() => upstreamOf({ PIAPI_KEY: "" }, "piapi"), /no key/);
  assert.deepEqual(upstreamOf({ PIAPI_KEY: "k" }, "piapi"), { apiKey: "k", baseUrl: "https://api.piapi.ai" });
});

test("without callers nobody may call", async () => {
  const request = new Request("https://worker/luma/ping", { headers: { authorization: "Bearer x" } });
  await assert.rejects(authorized({ request, env: {}, settings: settingsOf({}) }), /no callers yet.*CALLERS/);
  await assert.rejects(
    authorized({ request, env: {}, settings: settingsOf({}), authorize: () => ({ name: "" }) }),
    /could not be authorized/,
  );
  await assert.rejects(
    authorized({ request, env: {}, settings: settingsOf({}), authorize: () => ({ name: "a", limits: { usd: 1 } }) }),
    /could not be authorized/,
  );
  assert.equal((await authorized({ request, env: {}, settings: settingsOf({}), authorize: () => ({ name: "anne" }) })).name, "user:anne");
});

test("a body that `authorize` does not read is not kept for it", async () => {
  const request = new Request("https://worker/luma/agents/files", { method: "POST", body: "x".repeat(100_000) });
  let given;
  const authorize = (copy) => {
    given = copy;
    return { name: "anne" };
  };
  await authorized({ request, env: {}, settings: settingsOf({}), authorize });
  assert.equal((await request.text()).length, 100_000);
  assert.deepEqual(await given.body.getReader().read(), { done: true, value: undefined });
});

test("money is whole micro-dollars, rounded up; what is no price is none", () => {
  assert.deepEqual([0, 0.07, 0.1 + 0.2, 0.0000001, 1.72].map(micros), [0, 70_000, 300_000, 1, 1_720_000]);
  for (const usd of [undefined, Number.NaN, -1, Number.POSITIVE_INFINITY]) assert.equal(micros(usd), undefined, String(usd));
  assert.deepEqual(periods(Date.UTC(2026, 11, 31, 23, 59)), { day: "2026-12-31", month: "2026-12" });
});
