// Files in requests. What is to be sent is checked first with stand-ins, so that nothing is handed over for a request that is
// refused; then the files become what the provider takes. It is loaded when there is a file. What is thrown here is plain
// data, as the wasm throws it: the client makes its one class of error of it.

import { accountIn } from "./media/account.js";
import { readDetails } from "./media/details.js";
import { failureAt } from "./media/fetched.js";
import { EXTENSIONS, mediaType, tooLong, tooMuch } from "./media/file.js";
import { readGeneration } from "./media/generation.js";
import { createHandover } from "./media/handover.js";
import { measure } from "./media/measure.js";

/** Fields that hold pictures alone. */
const PICTURES = /^(first_frame|modify_image_ref|image_ref|style_ref|character_ref|keyframes|edit_keyframes)$/;

/**
 * @param {object} client what it is for: `provider`; the options `upload`, `clock`, `schema` and `validate`; `fetch`; `run(method, subject,
 *   request, options)`; `senders`, by which a body of a request may have a way of its own to be sent
 */
export function createMedia(client) {
  const { provider, validate, run, clock } = client;
  const { takes, hand, handAddress, forget } = createHandover(client);
  const limits = takes.own && provider === "piapi" ? "elsewhere" : provider;
  const now = () => (clock ?? Date).now();

  /** What stands aside, with what is known of it: a `reference` where there is one already, else a `standIn` until there is. */
  async function look({ path, given }, body) {
    if (typeof given === "string") return { path, url: given, standIn: standIn("image/png") };
    if (given.id && given.state) return lookAt(given, path, wanted(path, body));
    const type = await mediaType(given);
    return { path, content: given, type, measured: await measuredOf(given, type), standIn: standIn(type) };
  }

  function lookAt(generation, path, kind) {
    const { name, url, wrong } = readGeneration(client, generation, path, kind);
    const instead = standIn(kind === "video" ? "video/mp4" : "image/png");
    if (name) return { path, reference: name };
    // Unchecked, the name is for the server to judge.
    if (wrong) return { path, wrong, reference: { type: "generation", id: generation.id }, standIn: instead };
    return takes.fetches ? { path, url, standIn: instead } : { path, reference: { url } };
  }

  /** What is not judged is not measured. */
  const measuredOf = (content, type) => (validate === false ? {} : measure(content, type));

  /** Public enough, and with an ending that tells what it is. */
  const standIn = (type) => (takes.as === "url" ? { url: `https://upload.example/file.${EXTENSIONS[type]}` } : { file_id: "file" });

  /** What is wrong with the files themselves. */
  function problemsOf(items, body) {
    const found = [];
    for (const { path, content, type, url, measured, wrong } of items) {
      const problem = (code, message) => found.push({ path: written(path), code, message });
      if (wrong) problem(...wrong);
      if (url !== undefined && !/^(https?|data|blob):/i.test(url)) problem("invalid_url", "must be an http(s) address");
      if (!content) continue;
      if (takes.missing) problem("unsupported", takes.missing);
      else {
        const more = tooMuch(limits, content.size, type, wanted(path, body)) ?? tooLong(provider, measured, workOf(body));
        if (more) problem(...more);
      }
    }
    return found;
  }

  /** Puts something in for each file, and tells what is wrong. */
  async function check(body, aside, options) {
    const items = await Promise.all(aside.map((one) => look(one, body)));
    // What a file is tells what becomes of it, where nothing else does.
    const media = items.find(({ path, type }) => path[0] === "media" && type);
    if (media && !body.generation_type && !body.mode) body.generation_type = media.type.startsWith("video/") ? "reframe_video" : "reframe_image";
    const tried = filled(body, items.map(({ reference, standIn }) => standIn ?? reference), items);
    const problems = validate === false ? [] : [...problemsOf(items, body), ...(await run("Validate", tried, undefined, options))];
    return { items, tried, problems };
  }

  /** Hands the files over. The options come back with what is left of the caller's patience. */
  async function fill(body, aside, options) {
    const { signal, timeout = Infinity, onUpdate } = options;
    const begun = now();
    const { items, problems } = await check(body, aside, options);
    const refused = problems.filter(({ code }) => code !== "disputed");
    if (takes.missing && items.some(({ content }) => content)) throw { code: "unsupported", message: takes.missing, problems: refused };
    if (refused.length) throw refusal(refused);
    const told = (path) => ({ loaded, total }) =>
      onUpdate?.({ state: "uploading", upload: { path: written(path), loaded, total }, progress: { elapsed: 0, expected: Infinity, confidence: 0 } });
    const account = body.email ?? accountIn(body);
    const handOver = (signal) =>
      Promise.all(
        items.map(({ path, content, type, url, reference }) => {
          if (reference) return reference;
          const caller = { what: `The file at ${written(path)}`, onProgress: told(path), signal };
          if (content) return hand({ content, type, account }, caller);
          return handAddress({ url, account }, caller).catch((thrown) => {
            throw failureAt(written(path), thrown);
          });
        }),
      );
    const references = await orEnd(handOver, { signal, timeout, clock });
    const left = options.timeout && { timeout: Math.max(1, timeout - (now() - begun)) };
    return { body: filled(body, references, items), options: { ...options, ...left } };
  }

  return {
    fill,

    /** What the wasm says of the request; what is wrong with the files is told before that. */
    async judge(method, body, aside) {
      const { tried, problems } = await check(body, aside);
      return method === "Validate" ? problems : run(method, tried);
    },

    /** One file, by itself: as a request names it. */
    async upload(file, { signal, account, onProgress, ...more } = {}) {
      if (takes.missing) throw { code: "unsupported", message: takes.missing };
      if (!file) throw refusal([{ path: "file", code: "invalid_type", message: "must be a Blob, a File, or bytes" }]);
      const { details, problems } = readDetails(more, provider === "agents" && !takes.own);
      const type = await mediaType(file);
      // Where it goes is the caller's own business when its function takes it.
      const wrong = !takes.own && validate !== false && (tooMuch(provider, file.size, type) ?? tooLong(provider, await measure(file, type)));
      if (wrong) problems.unshift({ path: "file", code: wrong[0], message: wrong[1] });
      if (problems.length) throw refusal(problems);
      const reference = await orEnd((signal) => hand({ content: file, type, account, details }, { what: "The file", onProgress, signal }), { signal });
      return takes.own ? reference.url : reference;
    },

    /** What the caller has removed is not named any more. */
    forget: (file) => forget(file.file_id ?? file.id ?? file),
  };
}

/** What is to be done with a video. */
const workOf = ({ generation_type, mode }) => generation_type ?? (mode && "modify_video");

/** What a place takes: `image`, `video`, or either. */
function wanted([field], body) {
  if (PICTURES.test(field)) return "image";
  const kind = workOf(body);
  return field === "media" && kind ? (/video/.test(kind) ? "video" : "image") : undefined;
}

/** The request with the references in their places. */
function filled(body, references, items) {
  const request = structuredClone(body);
  items.forEach(({ path }, index) => {
    const reference = references[index];
    const key = path.at(-1);
    const holder = path.slice(0, -1).reduce((at, step) => at[step], request);
    if (key === "url") {
      delete holder.url;
      Object.assign(holder, reference);
    } else if (path.at(-2) === "images") {
      holder[key] = reference.url ?? reference;
    } else {
      holder[key] = key.startsWith("frame") && !reference.type ? { type: "image", ...reference } : reference;
    }
  });
  return request;
}

const refusal = (problems) => ({
  code: "invalid_request",
  message: `The request was not sent: ${problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ")}`,
  problems,
  retryable: false,
});

/** A path as problems have it. */
const written = (path) => path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");

/** What a task comes to, unless the caller gives up before; then it is left. */
function orEnd(task, { signal, timeout = Infinity, clock }) {
  const leave = new AbortController();
  return new Promise((resolve, reject) => {
    const end = (code, how) => reject({ code, message: `${how} before anything was created: a file was to be handed over`, retryable: code === "timeout" });
    const abort = () => end("aborted", "Aborted");
    const late = () => end("timeout", "Out of time");
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { signal: leave.signal });
    if (timeout < Infinity) wait(timeout, clock, leave.signal).then(late, () => {});
    task(leave.signal).then(resolve, reject);
  }).finally(() => leave.abort());
}

function wait(ms, clock, signal) {
  if (clock) return clock.sleep(ms, signal);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 2e9));
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}
