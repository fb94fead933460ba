// Bodies, read up to a size and a time and no further.

import { concat } from "../bytes.js";
import { Refusal } from "../refusal.js";
import { TimedBody } from "../timed-body.js";

/** Of a creation. What is larger is a file, which is handed over before; and an object keeps 2 MB in a row. */
const LARGEST_REQUEST = 1_000_000;

/** Objects within objects: nothing that a provider documents comes near. */
const DEEPEST = 24;

/** @throws {Refusal} unless it is an object in JSON */
export async function jsonOf(request: Request, within: number, largest = LARGEST_REQUEST): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(request.headers.get("content-type") ?? ""))
    throw new Refusal(415, "media_type", "The body must be application/json.");
  if (request.headers.has("content-encoding")) throw new Refusal(415, "media_type", "The body must not be compressed.");
  const text = new TextDecoder().decode(await bytesOf(request, largest, within));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "bad_request", "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, "bad_request", "The body must be an object.");
  if (isDeeper(value, DEEPEST)) throw new Refusal(400, "bad_request", "The body is nested too deeply.");
  return value as Record<string, unknown>;
}

/** @throws {Refusal} when it is larger, or takes longer */
async function bytesOf(request: Request, largest: number, within: number): Promise<Uint8Array> {
  const tooLarge = () => new Refusal(413, "too_large", `The body is too large: ${largest} bytes are the most.`);
  if (Number(request.headers.get("content-length") ?? 0) > largest) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const body = new TimedBody(request.body as ReadableStream, within, "body");
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await body.next(); chunk; chunk = await body.next()) {
      size += chunk.length;
      if (size > largest) throw tooLarge();
      chunks.push(chunk);
    }
    return concat(chunks);
  } finally {
    body.close();
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
