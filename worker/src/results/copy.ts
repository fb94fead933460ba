// Copies one file into the bucket, a part at a time: no more than a part is in memory. What was cut off goes on: after a cut of the source
// with the next byte, after a crash of this server with the part that was being filled.

import { keyOf, newName } from "../bucket/names.js";
import { EXPIRES } from "../bucket/serve.js";
import { hex } from "../bytes.js";
import { checkedType } from "./kinds.js";
import { NotKept } from "./not-kept.js";
import type { Kept, Records } from "./records.js";
import { type Facts, type Opened, opened, type Reach } from "./source.js";

/** R2 wants parts of one size, of at least 5 MiB. */
const PART = 5 * 1024 * 1024;
/** How often a source may be cut off before the copy waits for its caller's next try. */
const MOST_CUTS = 4;

export interface Wanted {
  /** Which of the job's files. */
  number: number;
  kind: string;
  url: string;
  job: string;
}

/** Where a file is copied from and to, and within which bounds. */
export interface CopyOptions {
  bucket: R2Bucket;
  records: Records;
  reach: Reach;
  /** In bytes. */
  largest: number;
  /** In ms from now; for ever without it. */
  lasts?: number;
  until: AbortSignal;
}

/** The file in the bucket. @throws {NotKept} */
export async function copied(wanted: Wanted, options: CopyOptions): Promise<Kept> {
  const kept = options.records.file(wanted.number);
  if (kept?.sha256) return kept;
  const copy = new Copy(wanted, options);
  if (kept && (await options.bucket.head(kept.key))) return copy.finished(kept); // a crash came between the two
  for (let cuts = 0; ; cuts++) {
    const before = copy.received;
    try {
      return await copy.run();
    } catch (error) {
      if (error instanceof NotKept) throw error;
      if (options.until.aborted) throw new NotKept("The copy took too long.", false, { cause: error });
      if (cuts === MOST_CUTS || copy.received === before) throw new NotKept("The copy broke off.", false, { cause: error });
    }
  }
}

class Copy {
  /** How many bytes have come, in all. */
  received = 0;
  private part = new Uint8Array();
  private filled = 0;
  /** How many bytes lie in parts that are in the bucket. */
  private stored: number;
  private facts: Facts;
  /** Of all bytes from the first on; none for a copy that a crash cut off. */
  private hash: Hash | undefined;

  constructor(
    private readonly wanted: Wanted,
    private readonly options: CopyOptions,
  ) {
    const { records } = options;
    this.facts = records.file(wanted.number) ?? {};
    this.stored = Math.min(records.parts(wanted.number).length * PART, this.facts.total ?? Number.POSITIVE_INFINITY);
    if (!this.stored) this.hash = new Hash();
  }

  async run(): Promise<Kept> {
    const { wanted, options } = this;
    if (this.stored && this.stored === this.facts.total) return this.completed(this.stored); // cut off just before that
    const source = await opened(wanted.url, options.reach, this.stored + this.filled, this.facts, options.until);
    if (source.from === 0) await this.beginAnew(source);
    if ((source.total ?? 0) > options.largest) throw tooLarge(options.largest);
    this.makeRoom(Math.min(PART, source.total ?? PART));
    for await (const chunk of source.chunks) await this.take(chunk);
    const size = this.stored + this.filled;
    if (size === 0) throw new NotKept("The file is empty.");
    if (source.total !== undefined && size !== source.total) throw new Error("the file broke off");
    return this.ended(size);
  }

  private async beginAnew({ validator, total }: Opened): Promise<void> {
    await this.drop();
    this.stored = 0;
    this.filled = 0;
    this.hash = new Hash();
    this.facts = { ...(validator && { validator }), ...(total !== undefined && { total }) };
  }

  private makeRoom(bytes: number): void {
    if (this.part.length >= bytes) return;
    const part = new Uint8Array(bytes);
    part.set(this.part.subarray(0, this.filled));
    this.part = part;
  }

  private async take(chunk: Uint8Array): Promise<void> {
    this.received += chunk.length;
    for (let rest = chunk; rest.length; ) {
      if (this.filled === PART) await this.store();
      const piece = rest.subarray(0, PART - this.filled);
      this.part.set(piece, this.filled);
      this.filled += piece.length;
      rest = rest.subarray(piece.length);
    }
    if (this.stored + this.filled > this.options.largest) throw tooLarge(this.options.largest);
  }

  /** Puts the part that is full, or the last one, into the bucket. */
  private async store(): Promise<void> {
    const { wanted, options } = this;
    const bytes = this.part.subarray(0, this.filled);
    const kept = options.records.file(wanted.number) ?? (await this.begun());
    const number = this.stored / PART + 1;
    const stored = await options.bucket.resumeMultipartUpload(kept.key, kept.upload as string).uploadPart(number, bytes);
    await this.hash?.add(bytes);
    options.records.addPart(wanted.number, stored);
    this.stored += this.filled;
    this.filled = 0;
  }

  /** A multipart upload, for what is more than one part. */
  private async begun(): Promise<Kept> {
    const { wanted, options } = this;
    const kept = this.named();
    const { uploadId } = await options.bucket.createMultipartUpload(kept.key, metadata(kept, wanted));
    const begun = { ...kept, upload: uploadId };
    options.records.keep(wanted.number, begun);
    return begun;
  }

  /** Its name in the bucket, now that its first bytes tell what it is. */
  private named(): Kept {
    const { wanted, options } = this;
    const type = checkedType(wanted.kind, this.part.subarray(0, this.filled));
    return {
      ...this.facts,
      key: keyOf("results", newName(type)),
      type,
      ...(options.lasts !== undefined && { expires: Date.now() + options.lasts }),
    };
  }

  private async ended(size: number): Promise<Kept> {
    const { wanted, options } = this;
    if (this.stored) {
      await this.store();
      return this.completed(size);
    }
    const kept = this.named();
    options.records.keep(wanted.number, kept); // before the file, which a crash could leave without a record
    const bytes = this.part.subarray(0, size);
    const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
    await options.bucket.put(kept.key, bytes, { ...metadata(kept, wanted, sha256), sha256 });
    return this.finished({ ...kept, size }, sha256);
  }

  /** All parts are in the bucket. */
  private async completed(size: number): Promise<Kept> {
    const { wanted, options } = this;
    const kept = options.records.file(wanted.number) as Kept;
    await options.bucket.resumeMultipartUpload(kept.key, kept.upload as string).complete(options.records.parts(wanted.number));
    return this.finished({ ...kept, size }, await this.hash?.end());
  }

  /** It lies in the bucket, whole. Without a hash it is read back. */
  async finished(kept: Kept, known?: string): Promise<Kept> {
    const { wanted, options } = this;
    const object = known === undefined ? await options.bucket.get(kept.key) : undefined;
    const size = kept.size ?? object?.size;
    const sha256 = known ?? (await hashOf((object as R2ObjectBody).body));
    const whole = { ...kept, sha256, ...(size !== undefined && { size }) };
    options.records.keep(wanted.number, whole);
    return whole;
  }

  private async drop(): Promise<void> {
    const { wanted, options } = this;
    const kept = options.records.file(wanted.number);
    options.records.forget(wanted.number);
    // One that is not there any more is dropped already.
    if (kept?.upload)
      await options.bucket
        .resumeMultipartUpload(kept.key, kept.upload)
        .abort()
        .catch(() => {});
  }
}

/** A SHA-256 over parts. */
class Hash {
  private readonly stream = new crypto.DigestStream("SHA-256");
  private readonly writer = this.stream.getWriter();

  add(bytes: Uint8Array): Promise<void> {
    return this.writer.write(bytes);
  }

  async end(): Promise<string> {
    await this.writer.close();
    return hex(await this.stream.digest);
  }
}

async function hashOf(body: ReadableStream): Promise<string> {
  const stream = new crypto.DigestStream("SHA-256");
  await body.pipeTo(stream);
  return hex(await stream.digest);
}

const metadata = ({ type, expires }: Kept, { job, kind }: Wanted, sha256?: string): R2MultipartOptions => ({
  httpMetadata: { contentType: type },
  customMetadata: { job, kind, ...(expires !== undefined && { [EXPIRES]: String(expires) }), ...(sha256 && { sha256 }) },
});

const tooLarge = (largest: number) => new NotKept(`The file is too large: ${largest / 1e6} MB are the most.`, true);
