// Uploads one file: by the caller's own function, or by the provider's calls.

import type { ErrorData } from "../common/error.js";
import { extensionOf } from "./file-type.js";
import type { Caller, FileDetails, MediaClient, ProgressListener, Reference } from "./types.js";
import { createPost } from "./xhr-post.js";

/**
 * The most of a file that the Agents API gets in one request, in bytes; a larger one goes to a storage. What it takes so is not documented:
 * common gateways end at 10 MB, and four such files are in memory at once.
 */
const IN_ONE = 8 << 20;

export interface OutgoingFile {
  content: Blob;
  type: string;
  /** useapi.net: the account that it goes to; empty for the first that works. */
  account: string;
  details?: FileDetails | undefined;
  /** What error messages call it. */
  what: string;
}

/** Sends a file with the caller's own `upload`, where `own`, else to the provider. */
export async function send(
  client: MediaClient,
  own: boolean,
  file: OutgoingFile,
  { signal, onProgress }: Caller & { onProgress: ProgressListener },
): Promise<Reference> {
  const { provider, upload, run, senders, ownFetch, hold } = client;
  const { content, type, account, details, what } = file;
  const total = content.size;
  onProgress({ loaded: 0, total });
  // A storage should know what it is.
  const typed = content.type === type || !type ? content : typedAs(content, type);
  const reference = own && upload ? byAddress(await byCaller(upload)) : await byProvider();
  onProgress({ loaded: total, total });
  return reference;

  // The Agents API needs the type of a video at an address (docs.agents.lumalabs.ai, read on 2026-11-20).
  function byAddress(url: string): Reference {
    return provider === "agents" && type.startsWith("video/") ? { url, media_type: type } : { url };
  }

  async function byCaller(upload: NonNullable<MediaClient["upload"]>): Promise<string> {
    let url: unknown;
    try {
      // Begun when the time is held: it may ask a simulator, which ends that.
      const storing = Promise.resolve().then(() => upload(typed, { signal, onProgress }));
      url = await hold(storing, true);
    } catch (cause) {
      const thrown = cause as Error | undefined;
      if (thrown?.name === "LumaError") throw cause;
      throw {
        code: "network",
        message: `${what} was not stored by the upload option: ${thrown?.message ?? cause}`,
        retryable: true,
        cause,
      } satisfies ErrorData;
    }
    if (typeof url === "string") return url;
    throw {
      code: "invalid_request",
      message: `${what}: the upload option must give the public address of the file as text`,
      retryable: false,
    } satisfies ErrorData;
  }

  async function byProvider(): Promise<Reference> {
    const name = details?.filename ?? nameOf(content, type);
    const form = provider === "agents" && total <= IN_ONE ? await hold(formOf(typed, name, details)) : undefined;
    if (ownFetch === undefined && globalThis.XMLHttpRequest) {
      // A form is a little more than its file.
      const post = createPost(({ loaded }) => onProgress({ loaded: Math.min(loaded, total), total }));
      for (const body of [typed, form?.form]) if (body) senders.set(body, post);
    }
    const subject = {
      ...{ name, details, ...form },
      media_type: type,
      size: total,
      account: account || undefined,
      ...(provider === "piapi" ? { base64: await hold(base64(content)) } : { content: typed }),
    };
    return (await run("Upload", subject, undefined, { signal })) as Reference;
  }
}

/** The same bytes under a type that says what they are: `image/jpg` and `application/octet-stream` do not. */
const typedAs = (content: Blob & { name?: string }, type: string): Blob =>
  content.name === undefined || !globalThis.File ? content.slice(0, content.size, type) : new File([content], content.name, { type });

/** The file and its details as one form, and the type that says how its parts are separated. */
async function formOf(file: Blob, name: string, { filename: _, ...fields }: FileDetails = {}) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  try {
    form.append("file", file, name);
  } catch {
    return undefined; // the page that a test plays takes no files but its own: then step by step
  }
  const encoded = new Response(form);
  return { form_type: encoded.headers.get("content-type"), form: await encoded.blob() };
}

/** Its name, in letters that no provider minds, with the ending of its type: PiAPI goes by that, and takes 128 characters. */
function nameOf({ name = "" }: Blob & { name?: string }, type: string): string {
  const stem = name
    .replace(/\.\w*$/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
    .slice(0, 80);
  return `${stem || "file"}.${extensionOf(type) ?? type.split("/")[1]}`;
}

/** The content as text in base64. */
async function base64(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
