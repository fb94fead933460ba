// The files of one job, or one upload: an object by itself. It copies a job's files into the bucket, remembers how far it came, and deletes
// what it keeps when its time is over.

import { DurableObject } from "cloudflare:workers";
import type { ProviderId } from "luma-edge";
import { type Env, secretsOf, settingsOf, upstreamOf } from "../env.js";
import { log, reason } from "../log.js";
import { readerOf } from "../upstream/client.js";
import { sending } from "../upstream/exchange.js";
import { copied, type Terms } from "./copy.js";
import { type File, filesOf } from "./files.js";
import { Expired, NotKept } from "./not-kept.js";
import { Records } from "./records.js";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** How long one call may copy. The next call goes on. */
const LONGEST = 15 * MINUTE;
/** When a copy is given up that nobody has asked for again. */
const ABANDONED = 3 * DAY;
/** When a deletion that failed is tried again. */
const AGAIN = 10 * MINUTE;

export interface ToKeep {
  job: string;
  provider: ProviderId;
  generation: string;
  files: File[];
}

/** Plain data, since it crosses from one object to another: the keys in the bucket in the order of the files, or why there are none. */
export type Told = { keys: string[] } | { failed: string; permanent: boolean };

export class Result extends DurableObject<Env> {
  private readonly records: Records;
  private running: Promise<Told> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.records = new Records(ctx.storage.sql);
  }

  /** Copies all files, or goes on with it. Whoever asks meanwhile gets what comes of it. */
  keep(order: ToKeep): Promise<Told> {
    this.running ??= this.copyAll(order)
      .catch((error): Told => {
        log({ event: "result_not_kept", job: order.job, error: reason(error) }, secretsOf(this.env));
        const known = error instanceof NotKept;
        return { failed: known ? error.message : "The bucket or the file's server failed.", permanent: known && error.permanent };
      })
      .finally(() => {
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
      await this.deleteAll();
    } catch (error) {
      log({ event: "deletion_failed", error: reason(error) }, secretsOf(this.env));
      await this.wakeIn(AGAIN);
    }
  }

  private async copyAll({ job, provider, generation, files }: ToKeep): Promise<Told> {
    const { env, records } = this;
    const { results } = settingsOf(env);
    await this.wakeIn(ABANDONED);
    const terms: Terms = {
      bucket: env.RESULTS as R2Bucket,
      records,
      home: new URL(upstreamOf(env, provider).baseUrl).origin,
      largest: results.largest,
      until: AbortSignal.timeout(LONGEST),
      ...(results.ms !== undefined && { lasts: results.ms }),
    };
    let links = files;
    const newLinks = once(() => this.askedAgain(provider, generation, files));
    for (const [number, { kind }] of files.entries()) {
      const wanted = (): { number: number; kind: string; url: string; job: string } => ({
        number,
        kind,
        job,
        url: (links[number] as File).url,
      });
      const kept = await copied(wanted(), terms).catch(async (error) => {
        if (!(error instanceof Expired)) throw error;
        links = await newLinks();
        return copied(wanted(), terms);
      });
      log({ event: "result_kept", job, kind, type: kept.type, bytes: kept.size, sha256: kept.sha256 }, secretsOf(env));
    }
    const kept = records.files();
    const over = kept.flatMap(({ expires }) => expires ?? []);
    if (over.length) await this.ctx.storage.setAlarm(Math.max(...over));
    else await this.ctx.storage.deleteAlarm();
    return { keys: kept.map(({ key }) => key) };
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

  private async deleteAll(): Promise<void> {
    const { RESULTS } = this.env;
    const files = this.records.files();
    for (const { key, upload, sha256 } of files) if (upload && !sha256) await RESULTS?.resumeMultipartUpload(key, upload).abort();
    if (files.length) await RESULTS?.delete(files.map(({ key }) => key));
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    log({ event: "files_expired", files: files.length }, secretsOf(this.env));
  }

  private async wakeIn(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
