// The files of one job, or one upload: an object by itself. It copies a job's files into the bucket, remembers how far it came, and deletes
// what it keeps when its time is over.

import { DurableObject } from "cloudflare:workers";
import type { ProviderId } from "luma-edge";
import { type Env, secretsOf, settingsOf, upstreamOf } from "../env.js";
import { log, reason } from "../log.js";
import { DAY, MINUTE } from "../units.js";
import { readerOf } from "../upstream/client.js";
import { sending } from "../upstream/exchange.js";
import { type CopyOptions, copied } from "./copy.js";
import { type File, filesOf } from "./files.js";
import { Expired, NotKept } from "./not-kept.js";
import { type Kept, Records } from "./records.js";

/** How long one call may copy. The next call goes on. */
const LONGEST = 15 * MINUTE;
/** When a copy that is not requested again is given up. */
const ABANDONED = 3 * DAY;
/** When a deletion that failed is tried again. */
const AGAIN = 10 * MINUTE;

export interface ToKeep {
  job: string;
  provider: ProviderId;
  generation: string;
  files: File[];
}

/** Plain data, since it crosses from one object to another. */
export interface KeepResult {
  /** In the bucket, in the order of the files. */
  keys: (string | undefined)[];
  /** Why not all are kept. */
  failure?: { message: string; permanent: boolean };
}

/** The Durable Object of a job's files, or of one upload: for the binding `RESULT`. */
export class Result extends DurableObject<Env> {
  private readonly records: Records;
  private running: Promise<KeepResult> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.records = new Records(ctx.storage.sql);
  }

  /** Copies all files, or continues to. A call in the meantime shares the result. */
  keep(request: ToKeep): Promise<KeepResult> {
    this.running ??= this.copyAll(request).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Deletes a file when its time is over. Asked for before the file is there. */
  async expire(key: string, type: string, at: number): Promise<void> {
    this.records.keep(0, { key, type, expires: at });
    await this.ctx.storage.setAlarm(at);
  }

  override async alarm(): Promise<void> {
    if (this.running) return this.wakeIn(AGAIN);
    try {
      await this.deleteOver();
    } catch (error) {
      log({ event: "deletion_failed", error: reason(error) }, secretsOf(this.env));
      await this.wakeIn(AGAIN);
    }
  }

  private async copyAll(request: ToKeep): Promise<KeepResult> {
    const { job, files } = request;
    const failures: unknown[] = [];
    try {
      await this.wakeIn(ABANDONED);
      const copy = this.copier(request);
      for (const number of files.keys()) await copy(number).catch((error) => failures.push(error));
    } catch (error) {
      failures.push(error);
    }
    for (const error of failures) log({ event: "result_not_kept", job, error: reason(error) }, secretsOf(this.env));
    const kept = files.map((_, number) => this.records.file(number)).map((file) => (file?.sha256 ? file : undefined));
    const keys = kept.map((file) => file?.key);
    if (failures.length) return { keys, failure: failureOf(failures) };
    const over = kept.flatMap((file) => file?.expires ?? []);
    if (over.length) await this.ctx.storage.setAlarm(Math.max(...over));
    else await this.ctx.storage.deleteAlarm();
    return { keys };
  }

  /** Copies one file; where its link has expired, by a new one. */
  private copier({ job, provider, generation, files }: ToKeep): (number: number) => Promise<void> {
    const { env, records } = this;
    const { results } = settingsOf(env);
    const options: CopyOptions = {
      bucket: env.RESULTS as R2Bucket,
      records,
      reach: { home: new URL(upstreamOf(env, provider).baseUrl).origin, ...(env.PUBLIC_NETWORK && { network: env.PUBLIC_NETWORK }) },
      largest: results.largest,
      until: AbortSignal.timeout(LONGEST),
      ...(results.ms !== undefined && { lasts: results.ms }),
    };
    let renewed: Promise<File[]> | undefined;
    return async (number) => {
      const { kind, url } = files[number] as File;
      if (records.file(number)?.sha256) return;
      const wanted = { number, kind, job };
      const kept = await copied({ ...wanted, url }, options).catch(async (error) => {
        if (!(error instanceof Expired)) throw error;
        renewed ??= this.askedAgain(provider, generation, files);
        const { url } = (await renewed)[number] as File;
        return copied({ ...wanted, url }, options);
      });
      log({ event: "result_kept", job, kind, type: kept.type, bytes: kept.size, sha256: kept.sha256 }, secretsOf(env));
    };
  }

  /** The files, as the provider has them now. */
  private async askedAgain(provider: ProviderId, id: string, files: readonly File[]): Promise<File[]> {
    const upstream = { env: this.env, provider };
    const generation = await readerOf(upstream, sending(upstream))
      .get(id)
      .catch((cause) => {
        throw new NotKept("The links to the files are not good any more, and the provider did not give new ones.", false, { cause });
      });
    const found = filesOf(generation);
    if (found.length !== files.length) throw new NotKept("The provider has other files for this generation than before.", true);
    return found;
  }

  /** Deletes files whose time is over, and what is left of those that were given up. Those that are whole stay: their job leads to them. */
  private async deleteOver(): Promise<void> {
    const { RESULTS } = this.env;
    const now = Date.now();
    const files = this.records.files();
    const isOver = ({ sha256, expires }: Kept) => !sha256 || (expires !== undefined && expires <= now);
    const over = files.filter(({ file }) => isOver(file));
    for (const { file } of over)
      if (file.upload && !file.sha256)
        await RESULTS?.resumeMultipartUpload(file.key, file.upload)
          .abort()
          .catch(() => {});
    if (over.length) await RESULTS?.delete(over.map(({ file }) => file.key));
    if (over.length < files.length) {
      for (const { number } of over) this.records.forget(number);
      const times = files.flatMap(({ file }) => (isOver(file) ? [] : (file.expires ?? [])));
      if (times.length) await this.ctx.storage.setAlarm(Math.max(...times));
    } else {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
    }
    log({ event: "files_expired", files: over.length }, secretsOf(this.env));
  }

  private async wakeIn(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }
}

/** Trying again is of no use only where it is for none of them. */
function failureOf(failures: readonly unknown[]): { message: string; permanent: boolean } {
  const known = failures.filter((error) => error instanceof NotKept);
  return {
    message: known[0]?.message ?? "The bucket, or the file's server, failed.",
    permanent: known.length === failures.length && known.every(({ permanent }) => permanent),
  };
}
