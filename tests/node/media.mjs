// What the tests of media share: files, a client with an upload option, and clients of the providers that take files themselves.

import assert from "node:assert/strict";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";

export const PROMPT = { prompt: "A tiger walking in snow" };
export const STORED = "https://files.example/";
export const URL_1 = `${STORED}1`;
export const MB = 1 << 20;

/** Bytes that begin as such a file does. */
export const bytes = (beginning, more = "") => Uint8Array.from([...beginning, ...more], (character) => character.charCodeAt(0));

export const PNG = bytes("\x89PNG\r\n\x1a\n", "a picture");
export const JPEG = bytes("\xff\xd8\xff\xe0", "another picture");
export const MP4 = bytes("\0\0\0\x18ftypmp42", "a video");
export const png = (text = "") => new Blob([PNG, text], { type: "image/png" });
export const mp4 = (text = "") => new Blob([MP4, text], { type: "video/mp4" });
export const sized = (size, type) => new Blob([new Uint8Array(size)], { type });

export const caught = (promise) =>
  promise.then(
    () => assert.fail("it should have failed"),
    (error) => error,
  );

/** A client of a simulator; `upload` is the caller's, and `stored` what it was given. */
export function world({ upload, ...options } = {}) {
  const simulator = createSimulator({ clock: "auto" });
  const stored = [];
  const own = async (file, told) => {
    stored.push(file);
    return upload ? upload(file, told) : `${STORED}${stored.length}`;
  };
  const client = createClient({
    apiKey: "any-key",
    fetch: simulator.fetch,
    clock: simulator.clock,
    upload: upload === null ? undefined : own,
    ...options,
  });
  const sent = async () =>
    JSON.parse((await simulator.requests()).findLast(({ method, path }) => method === "POST" && path.includes("generations")).body);
  const created = async () => (await simulator.generations()).length;
  return { simulator, client, stored, sent, created };
}

export const without = ({ model, generation_type, ...request }) => request;

/** The other providers take files themselves: how each is called, what names a file then, and what becomes of the first frame. */
export const OTHERS = [
  {
    provider: "agents",
    apiKey: "luma-api-key",
    reference: ["file_id"],
    steps: ["POST /v1/files"],
    takes: { image: 50, video: 200 },
    frame: ({ body }) => body.video.start_frame.file_id,
  },
  {
    provider: "useapi",
    apiKey: "user:1-key",
    reference: ["file_id"],
    steps: ["GET /v1/luma/accounts", "POST /v1/luma/assets/ID"],
    takes: { image: 20 },
    frame: ({ body }) => body.imageStart,
  },
  {
    provider: "piapi",
    apiKey: "any-key",
    reference: ["url"],
    steps: ["POST /api/ephemeral_resource"],
    takes: { image: 10, video: 10 },
    frame: ({ body }) => body.input.start_image,
  },
];

/** A client of another provider, and what went out: addresses on other hosts are pictures. */
export function elsewhere({ provider, apiKey }, options = {}) {
  const simulator = createSimulator({ clock: "auto" });
  const events = [];
  const calls = [];
  const fetched = [];
  const fetch = async (input, init = {}) => {
    if (String(input).startsWith("https://example.com/")) {
      fetched.push({ input, init });
      return input.endsWith("/gone")
        ? new Response("", { status: 404 })
        : new Response(png(), { headers: { "content-type": input.endsWith(".svg") ? "image/svg+xml" : "image/png" } });
    }
    const { body } = init;
    calls.push({
      method: init.method,
      url: new URL(input),
      headers: init.headers,
      body: typeof body === "string" ? JSON.parse(body) : body,
    });
    return simulator.fetch(input, init);
  };
  const client = createClient({ provider, apiKey, fetch, clock: simulator.clock, onEvent: (event) => events.push(event), ...options });
  return { client, simulator, calls, fetched, events, uploads: () => calls.filter(({ body }) => body instanceof Blob || body?.file_data) };
}
