// A caller's timeout, where a file has to be read and handed over first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { caught, PROMPT, png, URL_1 } from "./media.mjs";

test("the caller's patience is for the upload as well", async () => {
  // A hundred times as fast as real time: a virtual clock would not wait for what a machine does in between.
  const { fetch, clock, generations } = createSimulator({ clock: 100, durations: 3_600_000 });
  const upload = async () => {
    await clock.sleep(60_000);
    return URL_1;
  };
  const { generate } = createClient({ apiKey: "any-key", fetch, clock, upload });
  const { code, message } = await caught(generate({ ...PROMPT, keyframes: { frame0: png() } }, { timeout: 5_000 }));
  assert.equal(code, "timeout");
  assert.match(message, /before anything was created/);
  assert.deepEqual(await generations(), []);

  const before = clock.now();
  const late = await caught(generate({ ...PROMPT, keyframes: { frame0: png("!") } }, { timeout: 100_000 }));
  assert.equal(late.code, "timeout");
  assert.equal(late.generation.id, (await generations())[0].id);
  assert.ok(clock.now() - before < 150_000, `${clock.now() - before} ms`);
});

test("a file whose content does not come costs no more than the caller's patience", async () => {
  const never = () => new Promise(() => {});
  const stuck = (type) => ({ type, size: 9, name: "a", arrayBuffer: never, stream: never, slice: () => stuck(type) });
  for (const [provider, type] of [
    ["dream-machine", ""],
    ["dream-machine", "image/png"],
    ["agents", "image/png"],
    ["piapi", "image/png"],
  ]) {
    const asked = [];
    const fetch = async (url) => asked.push(url);
    const { generate, upload } = createClient({
      provider,
      apiKey: "any-key",
      fetch,
      upload: provider === "dream-machine" ? never : undefined,
    });
    const request = { ...PROMPT, keyframes: { frame0: stuck(type) } };
    assert.equal((await caught(generate(request, { timeout: 20 }))).code, "timeout", `${provider} ${type}`);
    for (const call of [(options) => generate(request, options), (options) => upload(stuck(type), options)]) {
      const leave = new AbortController();
      setTimeout(() => leave.abort(), 5);
      assert.equal((await caught(call({ signal: leave.signal }))).code, "aborted", `${provider} ${type}`);
    }
    assert.deepEqual(asked, []);
  }
});
