// At useapi a file belongs to an account: it goes to the one that the request uses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caught, elsewhere, OTHERS, PROMPT, png } from "./media.mjs";

test("useapi: a file goes to the account that the request or the caller names", async () => {
  const { client, calls } = elsewhere(OTHERS[1]);
  const [{ email }] = await client.accounts.list();
  calls.length = 0;
  await client.upload(png(), { account: email });
  await client.create({ ...PROMPT, email, keyframes: { frame0: png("!") } });
  assert.deepEqual(
    calls.map(({ method, url }) => `${method} ${url.pathname}`),
    [`POST /v1/luma/assets/${encodeURIComponent(email)}`, `POST /v1/luma/assets/${encodeURIComponent(email)}`, "POST /v1/luma/videos"],
  );
});

test("useapi: what the first account has is not sent again when that is named", async () => {
  const { client, calls, uploads } = elsewhere(OTHERS[1]);
  const [{ email }] = await client.accounts.list();
  const file = png();
  const { file_id } = await client.upload(file);
  for (const frame0 of [file, png()]) {
    await client.create({ ...PROMPT, email, keyframes: { frame0 } });
    assert.equal(calls.at(-1).body.imageStart, file_id);
    assert.deepEqual(await client.upload(frame0, { account: email }), { file_id });
  }
  assert.equal(uploads().length, 1);
});

test("useapi: a file goes where the file beside it is", async () => {
  const { client, calls, fetched } = elsewhere(OTHERS[1]);
  const { account } = await client.accounts.add("a-session:other@some-where.example");
  const { file_id } = await client.upload(png(), { account });
  for (const [more, given, named] of [
    ["!", (file) => ({ keyframes: { frame0: { file_id }, frame1: file } }), "imageEnd"],
    ["?", (file) => ({ keyframes: { frame1: { file_id }, frame0: file } }), "imageStart"],
    [".", (file) => ({ model: "photon-v2", image_ref: [file, { file_id }] }), "imageRef1"],
    ["", () => ({ keyframes: { frame0: "https://example.com/a.png", frame1: { file_id } } }), "imageStart"],
  ]) {
    await client.create({ ...PROMPT, ...given(png(more)) });
    assert.match(calls.at(-1).body[named], /-email:other@some-where\.example-/);
  }
  assert.equal(fetched.length, 1);
  // A reference of another form tells nothing; the simulator knows it as little.
  const { status } = await caught(client.create({ ...PROMPT, keyframes: { frame0: { file_id: "newer-form" }, frame1: png("new") } }));
  assert.equal(status, 400);
  assert.match(calls.at(-1).body.imageEnd, /-email:me@example\.com-/);
});
