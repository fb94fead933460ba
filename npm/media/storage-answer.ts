// What a storage answers in the place of a file. Each has a status and words of its own for a link that has expired: S3 and R2 403
// (AccessDenied, ExpiredRequest), GCS 400 (ExpiredToken), CloudFront 403, Azure 403 (AuthenticationFailed), and 404 or 410 for
// what is deleted; in XML, JSON or plain text.

/** Statuses of links that have expired, and of files that are gone. */
const EXPIRED = [400, 401, 403, 404, 409, 410];
/** Words that tell most, of an XML document. */
const XML = ["Code", "Message", "Details"];
/** No more is read of an answer that is no file. */
const MOST = 8192;

export interface StorageRefusal {
  status: number;
  /** Whether a page for people came, of a proxy or a bot check. */
  page: boolean;
  /** Whether a new link may help. */
  expired: boolean;
  /** For a message: the status, and the words. */
  told: string;
}

/** Why an answer is not the file; nothing when it is. */
export async function refusalOf(response: Response): Promise<StorageRefusal | undefined> {
  const type = response.headers.get("content-type") ?? "";
  const page = /^(text\/html|application\/xhtml)/i.test(type.trim());
  if (response.ok && !page) return undefined;
  const words = await wordsOf(response, page);
  const { status } = response;
  return { status, page, expired: EXPIRED.includes(status), told: `${status}${words && ` (${words})`}` };
}

async function wordsOf(response: Response, page: boolean): Promise<string> {
  const text = await beginning(response).catch(() => "");
  let words = "";
  if (page) words = element(text, "title");
  else if (text.trimStart().startsWith("<"))
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

async function beginning({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader && text.length < MOST) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
  return text.slice(0, MOST);
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
