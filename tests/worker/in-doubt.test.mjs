// A creation whose outcome is unknown is looked for again, minutes later, while others that look alike are made.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { callers } from "../../scripts/worker.mjs";
import { importSource } from "../source.mjs";
import { ANNE, BOB, startOwnSite } from "./site.mjs";

const OWN = `
  import worker, { Creation as Making } from "../../worker/src/index.ts";
  export { Account, Queue, Result } from "../../worker/src/index.ts";
  import { creationOf } from "../../worker/src/creation/key.ts";
  export class Creation extends Making {
    search() {
      return this.alarm();
    }
  }
  export default {
    async fetch(request, env, context) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== "/search") return worker.fetch(request, env, context);
      await creationOf(env, "dream-machine", searchParams.get("caller"), searchParams.get("key")).search();
      return new Response("searched");
    },
  };`;

let site;
const [anne, bob] = callers([ANNE, BOB]);
before(async () => {
  site = await startOwnSite(OWN, { env: { CALLERS: [anne, bob] } });
});
after(() => site?.stop());

test("a lost creation is not given the job of one like it that is on its way", async () => {
  // The creation fails, and the list cannot be read.
  site.intercept =
    ({ method }) =>
    (response) =>
      response.writeHead(method === "POST" ? 503 : 403, { "content-type": "application/json" }).end('{"detail":"not now"}');
  assert.equal((await site.create({ prompt: "A caracal" }, { key: "caracal" })).status, 504);
  // Bob's job is made, and the answer takes its time.
  let answerBob;
  const made = new Promise((resolve) => {
    site.intercept = ({ method, path, headers, body }) => {
      if (method !== "POST") return undefined;
      return async (response) => {
        const answer = await site.simulator.fetch(`http://simulator${path}`, { method, headers, body });
        const text = await answer.text();
        answerBob = () => response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
        resolve();
      };
    };
  });
  const bobs = site.create({ prompt: "A caracal" }, { token: BOB });
  await made;
  const searched = fetch(`${site.worker.url}/search?caller=${anne.name}&key=caracal`);
  await Promise.race([searched, setTimeout(2000)]);
  answerBob();
  const { status, json } = await bobs;
  assert.equal(status, 201);
  assert.equal((await site.call(`/luma/generations/${json.id}`, { token: BOB })).status, 200, "his job is his own");
  const { json: outcome } = await site.call("/luma/dream-machine/creations/caracal");
  assert.notEqual(outcome.answer?.id, json.id);
});

test("an empty prompt is none: two creations that differ by that alone look alike", async () => {
  const { wantedOf } = await importSource("worker/src/creation/wanted.ts");
  const keyframes = { frame0: { type: "image", url: "https://example.com/caracal.jpg" } };
  const fingerprint = async (more) => {
    const request = { generation_type: "video", model: "ray-2", keyframes, ...more };
    return (await wantedOf("dream-machine", { request }, {}, "https://worker.example.com")).fingerprint;
  };
  assert.equal(await fingerprint({ prompt: "" }), await fingerprint({}));
  assert.notEqual(await fingerprint({ prompt: "A caracal" }), await fingerprint({}));
});
