// What a storage answers in the place of a file. Each has a status and words of its own for a link that has expired: S3 and R2 403
// (AccessDenied, ExpiredRequest), GCS 400 (ExpiredToken), CloudFront 403, Azure 403 (AuthenticationFailed), and 404 or 410 for
// what is deleted; in XML, JSON or plain text.

/** Statuses of links that have expired, and of files that are gone. */
const EXPIRED = [400, 401, 403, 404, 409, 410];
/** The most informative elements of an XML document. */
const XML = ["Code", "Message", "Details"];
/** No more is read of an answer that is no file. */
const MOST = 8192;

/** Types of files; S3 calls a file of unknown type `binary/octet-stream`. */
const FILE = /^((video|image|audio)\/|\w+\/(octet-stream|zip)\b)/i;
const PAGE = /^(text\/html|application\/xhtml)/i;
const DATA = /[/+](json|xml)\b/i;
/** How a page begins, and how it or what a program is told does: no video or picture begins so. */
const PAGE_BEGINS = /^<(!doctype html|html|head|body)\b/i;
const TEXT_BEGINS = /^[<{[]/;

export interface StorageRefusal {
  status: number;
  /** Whether a page for people came, of a proxy or a bot check. */
  page: boolean;
  /** Whether a new link may help. */
  expired: boolean;
  /** For a message: the status, and the words. */
  description: string;
}

type Judged = { file: Response; refusal?: never } | { file?: never; refusal: StorageRefusal };

/** What came: the file, or why it is not one. What is read for that is cancelled when the signal aborts: a `fetch` may ignore it. */
export async function judge(response: Response, signal?: AbortSignal): Promise<Judged> {
  const { status, ok, headers } = response;
  const type = (headers.get("content-type") ?? "").trim();
  let answer = response;
  let instead = "";
  if (status === 206) instead = "a part of the file";
  else if (ok) {
    const named = FILE.test(type);
    // What names itself a file and has a length is left as it is: a runtime may know more of it than of a stream of ours.
    if (named && Number(headers.get("content-length")) > 0) return { file: response };
    const peeked = await peek(response, signal);
    answer = peeked.answer;
    if (!peeked.head) instead = "nothing";
    else if (!named && (PAGE.test(type) || DATA.test(type) || TEXT_BEGINS.test(peeked.head))) instead = "no file";
    else return { file: answer };
  }
  const text = (await beginning(answer, signal).catch(() => "")).trimStart();
  const page = PAGE.test(type) || PAGE_BEGINS.test(text);
  const words = status === 206 ? instead : wordsOf(text, page) || instead;
  return {
    refusal: { status, page, expired: EXPIRED.includes(status) || (ok && !page), description: `${status}${words && ` (${words})`}` },
  };
}

/** The same answer with another body. */
export const withBody = ({ status, statusText, headers }: Response, body: ReadableStream<Uint8Array> | null): Response =>
  new Response(body, { status, statusText, headers });

/** How the content begins, without blanks before it, and the same answer from its first byte on. */
async function peek(response: Response, signal?: AbortSignal): Promise<{ head: string; answer: Response }> {
  const reader = response.body?.getReader();
  if (!reader) return { head: "", answer: response };
  const pieces: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let head = "";
  for (let size = 0; !head && size < MOST; ) {
    const { done, value } = await readPiece(reader, signal);
    if (done) break;
    pieces.push(value);
    size += value.byteLength;
    head = decoder.decode(value.subarray(0, MOST), { stream: true }).trimStart();
  }
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift() ?? (await reader.read()).value;
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { head, answer: withBody(response, body) };
}

function wordsOf(text: string, page: boolean): string {
  let words = "";
  if (page) words = element(text, "title");
  else if (text.startsWith("<"))
    words = XML.map((name) => element(text, name))
      .filter(Boolean)
      .join(": ");
  else words = ofJson(text) ?? text;
  // An address may be as good as a key to the file.
  const shown = words
    .replace(/https?:\/\/[^\s"'<>]+/g, "[address]")
    .replace(/\s+/g, " ")
    .trim();
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

async function beginning({ body }: Response, signal?: AbortSignal): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader && text.length < MOST) {
    const { done, value } = await readPiece(reader, signal);
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
  return text.slice(0, MOST);
}

/** The next piece; none any more once the signal aborts. */
async function readPiece(reader: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal) {
  const leave = () => void reader.cancel(signal?.reason).catch(() => {});
  if (signal?.aborted) leave();
  signal?.addEventListener("abort", leave);
  try {
    return await reader.read();
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}

function element(text: string, name: string): string {
  return new RegExp(`<${name}[^>]*>([^<]*)<`, "i").exec(text)?.[1]?.trim() ?? "";
}

function ofJson(text: string): string | undefined {
  try {
    const { error, message, detail, title } = JSON.parse(text);
    const words = [error?.message, message, detail, error, title].find((word) => typeof word === "string");
    return words ?? "";
  } catch {
    return undefined;
  }
}
