// Files in requests. What is to be sent is checked first with stand-ins, so that nothing is uploaded for a request that is
// refused; then the files become what the provider takes. It is loaded when there is a file, with what downloads one. What is thrown here is plain
// data, as the wasm throws it: the client makes its one class of error of it.

import type { ErrorData } from "../common/error.js";
import { invalidRequest } from "../common/invalid-request.js";
import { isWarning } from "../common/is-warning.js";
import { pathText } from "../common/problem-path.js";
import type { Generation, Problem, ProblemCode } from "../generated/types.js";
import type { GenerateOptions, UploadOptions } from "../types/options.js";
import { accountIn } from "./account.js";
import { withDeadline } from "./deadline.js";
import { readDetails } from "./details.js";
import { failureAt } from "./fetch-picture.js";
import { extensionOf, mediaType } from "./file-type.js";
import { readGeneration } from "./generation.js";
import { type LimitsOf, tooLong, tooMuch } from "./limits.js";
import { type Measured, measure } from "./measure.js";
import { fillIn, wantedAt, workOf } from "./places.js";
import { sendable } from "./sendable.js";
import type { DryRunMethod, Kind, MediaClient, PendingMedia, ProgressListener, Reference, RequestBody, Wrong } from "./types.js";
import { createUploadCache } from "./upload-cache.js";

export { download } from "./download.js";

/** What was set aside, with what is known of it: its `reference`, where it has one already, and a `standIn` for it until then. */
type Item = { path: string[]; wrong?: Wrong } & (
  | { reference: Reference; standIn?: Reference }
  | { content: Blob; type: string; measured: Measured; standIn: Reference }
  | { url: string; standIn: Reference }
);

const NOT_BEGUN = { elapsed: 0, expected: Infinity, confidence: 0, fraction: 0 };

/** The part of a client that deals with files. */
export function createMedia(client: MediaClient) {
  const { provider, validate, clock, hold } = client;
  const { target, uploadFile, uploadAddress, forget } = createUploadCache(client);
  const limits: LimitsOf = target.own && provider === "piapi" ? "elsewhere" : provider;
  const now = () => (clock ?? Date).now();

  async function read({ path, given }: PendingMedia, body: RequestBody): Promise<Item> {
    if (typeof given === "string") return { path, url: given, standIn: standIn("image/png") };
    if (isGeneration(given)) return fromGeneration(given, path, wantedAt(path, body));
    const content = await sendable(given);
    const type = await mediaType(content);
    // What is not checked is not measured.
    const measured = validate === false ? {} : await measure(content, type);
    return { path, content, type, measured, standIn: standIn(type) };
  }

  function fromGeneration(generation: Generation, path: string[], kind: Kind | undefined): Item {
    const found = readGeneration(client, generation, path, kind);
    const instead = standIn(kind === "video" ? "video/mp4" : "image/png");
    if ("name" in found) return { path, reference: found.name };
    // Unchecked, the name is for the server to judge.
    if ("wrong" in found) return { path, wrong: found.wrong, reference: { type: "generation", id: generation.id }, standIn: instead };
    return target.fetches ? { path, url: found.url, standIn: instead } : { path, reference: { url: found.url } };
  }

  /** Public enough, and with an extension that shows its type. */
  const standIn = (type: string): Reference =>
    target.as === "url" ? { url: `https://upload.example/file.${extensionOf(type)}` } : { file_id: "file" };

  /** What is wrong with the files themselves. */
  function problemsOf(items: Item[], body: RequestBody): Problem[] {
    const found: Problem[] = [];
    for (const item of items) {
      const problem = (code: ProblemCode, message: string) => found.push({ path: pathText(item.path), code, message });
      if (item.wrong) problem(...item.wrong);
      if ("url" in item && !/^(https?|data|blob):/i.test(item.url)) problem("invalid_url", "must be an http(s) address");
      if (!("content" in item)) continue;
      if (target.missing) problem("unsupported", target.missing);
      else {
        const { path, content, type, measured } = item;
        const more = tooMuch(limits, content.size, type, wantedAt(path, body)) ?? tooLong(provider, measured, workOf(body));
        if (more) problem(...more);
      }
    }
    return found;
  }

  /** Inserts a stand-in for each file, and reports problems. */
  async function check(body: RequestBody, pendingMedia: PendingMedia[], options?: GenerateOptions) {
    const items = await Promise.all(pendingMedia.map((one) => read(one, body)));
    // Where nothing else says how a file is to be used, its type does.
    const media = items.find((item) => item.path[0] === "media" && "content" in item && item.type);
    if (media && "content" in media && !body.generation_type && !body.mode) {
      body.generation_type = media.type.startsWith("video/") ? "reframe_video" : "reframe_image";
    }
    const tried = fillIn(
      body,
      items.map((item) => ({ path: item.path, reference: item.standIn ?? (item as { reference: Reference }).reference })),
    );
    // A stand-in says nothing about its file.
    const ofStandIn = ({ path, code }: Problem) => code === "suspicious" && items.some((item) => path.startsWith(pathText(item.path)));
    const found = validate === false ? [] : ((await client.run("Validate", tried, undefined, options)) as Problem[]);
    const problems = validate === false ? [] : [...problemsOf(items, body), ...found.filter((problem) => !ofStandIn(problem))];
    return { items, tried, problems };
  }

  async function uploadOne(
    given: Blob,
    { account, onProgress, signal: _, ...more }: UploadOptions,
    signal: AbortSignal,
  ): Promise<string | Reference> {
    const file = await sendable(given);
    const { details, problems } = readDetails(more, provider === "agents" && !target.own);
    const type = await mediaType(file);
    // The caller's own function decides itself what it takes.
    const checked = !target.own && validate !== false;
    const wrong = checked ? (tooMuch(provider, file.size, type) ?? tooLong(provider, await measure(file, type))) : undefined;
    if (wrong) problems.unshift({ path: "file", code: wrong[0], message: wrong[1] });
    if (problems.length) throw invalidRequest(problems);
    const reference = await uploadFile({ content: file, type, account, details }, { what: "The file", onProgress, signal });
    return target.own ? (reference.url as string) : reference;
  }

  return {
    /** Uploads the files and gives the request with their references, and the options with what is left of the caller's patience. */
    async fill(
      body: RequestBody,
      pendingMedia: PendingMedia[],
      options: GenerateOptions,
    ): Promise<{ body: RequestBody; options: GenerateOptions }> {
      const { signal, timeout = Infinity, onUpdate } = options;
      const begun = now();
      const progressAt =
        (path: string): ProgressListener =>
        ({ loaded, total }) =>
          onUpdate?.({ state: "uploading", upload: { path, loaded, total }, progress: NOT_BEGUN });
      const account = (body.email as string | undefined) ?? accountIn(body);
      const upload = async (item: Item, signal: AbortSignal): Promise<Reference> => {
        if ("reference" in item) return item.reference;
        const path = pathText(item.path);
        const caller = { what: `The file at ${path}`, onProgress: progressAt(path), signal };
        if ("content" in item) return uploadFile({ content: item.content, type: item.type, account }, caller);
        return uploadAddress({ url: item.url, account }, caller).catch((thrown) => {
          throw failureAt(path, thrown);
        });
      };
      // From the first byte that is read of a file: its content may be as slow to come as its upload.
      const uploadAll = async (signal: AbortSignal) => {
        const { items, problems } = await hold(check(body, pendingMedia, options));
        const refused = problems.filter((problem) => !isWarning(problem));
        if (target.missing && items.some((item) => "content" in item))
          throw { code: "unsupported", message: target.missing, problems: refused } satisfies ErrorData;
        if (refused.length) throw invalidRequest(refused);
        return Promise.all(items.map(async (item) => ({ path: item.path, reference: await upload(item, signal) })));
      };
      const places = await withDeadline(uploadAll, { signal, timeout, clock });
      const left = options.timeout && { timeout: Math.max(1, timeout - (now() - begun)) };
      return { body: fillIn(body, places), options: { ...options, ...left } };
    },

    /** What the wasm says of the request; problems with the files come before that. */
    async dryRun(method: DryRunMethod, body: RequestBody, pendingMedia: PendingMedia[]): Promise<unknown> {
      const { tried, problems } = await check(body, pendingMedia);
      return method === "Validate" ? problems : client.run(method, tried);
    },

    /** Uploads one file by itself: gives what a request names it by. */
    async upload(given: Blob | undefined, options: UploadOptions = {}): Promise<string | Reference> {
      if (target.missing) throw { code: "unsupported", message: target.missing } satisfies ErrorData;
      if (!given) throw invalidRequest([{ path: "file", code: "invalid_type", message: "must be a Blob, a File, or bytes" }]);
      return withDeadline((signal) => uploadOne(given, options, signal), { signal: options.signal });
    },

    /** The caller has removed a file: no request may name it any more. */
    forget(file: { id?: string; file_id?: string } | string) {
      const id = typeof file === "string" ? file : (file.file_id ?? file.id);
      if (id !== undefined) forget(id);
    },
  };
}

/** A file has no state. */
const isGeneration = (given: Blob | Generation): given is Generation => Boolean((given as Generation).id && (given as Generation).state);
