// One creation, from its request to the end of its job. It is sent once. Its answer is kept under the caller's Idempotency-Key, its ticket in
// the object's storage; when an answer was lost, the library looks for the job, and nothing is sent again by guess. An alarm continues what
// an eviction, a deploy or a crash cut off.

import { DurableObject } from "cloudflare:workers";
import type { Generation, LumaError } from "luma-edge";
import { type Env, secretsOf } from "../env.js";
import { type AccountStub, accountOf } from "../limits/account.js";
import { report } from "../limits/report.js";
import { log, reason, without } from "../log.js";
import { Refusal, type RefusalData } from "../refusal.js";
import { DAY, MINUTE, SECOND } from "../units.js";
import { hasEnded, isGone, isLost, isRefunded } from "../upstream/ended.js";
import { type Answer, type Exchange, searchOnly, sending } from "../upstream/exchange.js";
import { keyRefusal } from "../upstream/refused.js";
import { clientOf, created, mayBeMade, recover } from "./library.js";
import { type CreationRequest, type CreationStatus, failureOf, type Outcome, outcome, refused, unknownOutcome } from "./messages.js";

/** What is kept of a creation. */
interface Kept {
  /** The request but for its body: the library's ticket has that. Under the name that it has in storage. */
  order: Omit<CreationRequest, "request">;
  /** What the account knows it by: another each time, since a key may be used again long after. */
  reservation: string;
  state: "begun" | "made" | "unknown" | "ended";
  at: number;
  /** What the same key gets again. */
  answer?: Outcome;
  /** Whether the account has it. */
  recorded: boolean;
  /** How often it was searched for. */
  tries: number;
  /** How many polls in a row have not found its job. */
  notFound?: number;
}

/** When a creation that was cut off is resumed. */
const GUARD = 20 * SECOND;
/** When a lost one is looked for again, as long as the library has a ticket for it. */
const SEARCH_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE];
/** Before the first poll of a job, for callers that do not read it themselves, and before each other: a part of its age, within bounds. */
const POLL_PAUSE = { first: 30 * SECOND, part: 0.2, most: 10 * MINUTE };
/** A job that so many polls in a row have not found is gone: the pauses between them are a minute or more. */
const READS_UNTIL_GONE = 3;
/** A job that has not ended then is not waited for. */
const LONGEST_JOB = DAY;
/** How long a key is good: longer than any job lives, and longer than any caller tries again. */
const KEEP = 7 * DAY;

/** The Durable Object of one creation: for the binding `CREATION`. */
export class Creation extends DurableObject<Env> {
  private kept: Kept | undefined;
  private running: Promise<Outcome | undefined> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.kept = await ctx.storage.get<Kept>("kept");
    });
  }

  /** Makes the job, or returns the outcome of an earlier request for the same. */
  async create(request: CreationRequest): Promise<Outcome> {
    for (;;) {
      if (this.kept && this.kept.order.hash !== request.hash)
        return refused(new Refusal(409, "idempotency", "This Idempotency-Key was used for another request."));
      if (this.kept?.answer) return request.watched ? this.certain(this.kept.answer) : this.kept.answer;
      const result = await this.run(() => this.make(request));
      if (result && !(request.watched && this.kept?.answer)) return result;
    }
  }

  /** What is known of the creation. One that was cut off is resumed. */
  recall(): CreationStatus {
    if (!this.kept) return { state: "none" };
    const { state, answer } = this.kept;
    if (state === "unknown") return { state };
    if (answer) return { state: "made", answer: answer.body };
    if (!this.running) this.run(() => this.settle()).catch(() => {}); // the alarm goes on with what fails
    return { state: "pending" };
  }

  /** Forgets a job that the queue has stored. */
  async stored(): Promise<void> {
    if (this.kept?.recorded && !this.running) await this.forget();
  }

  /** Its outcome, once the account knows it as well: only then may the queue end the job there. */
  private async certain(answer: Outcome): Promise<Outcome> {
    if (!this.kept?.recorded) await this.record();
    if (!this.kept?.recorded) throw new Error("the creation could not be recorded in the account");
    return this.kept.state === "unknown" && (await this.isSearching()) ? { ...answer, searching: true } : answer;
  }

  override async alarm(): Promise<void> {
    try {
      await this.goOn();
    } catch (error) {
      this.say("creation_failed", error);
      await this.report("creation_failed");
      await this.wakeIn(MINUTE);
    }
  }

  /** One task at a time: a call in the meantime shares its result. */
  private run(work: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> {
    this.running ??= work().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async make(request: CreationRequest): Promise<Outcome | undefined> {
    if (this.kept) return this.settle(); // cut off before: find its outcome first
    const { request: _, ...order } = request;
    await this.keep({ order, reservation: crypto.randomUUID(), state: "begun", at: Date.now(), recorded: false, tries: 0 }, GUARD);
    const refusal = await this.reserve(request);
    if (refusal) return refusal;
    const here = sending({ env: this.env, provider: order.provider });
    try {
      const job = await created(clientOf(this.env, this.ctx, order, here, 0), request);
      return await this.made(here.last as Answer, job);
    } catch (thrown) {
      const error = thrown as LumaError;
      if (!mayBeMade(error, here)) return this.refusedBy(error, here);
      this.say("answer_lost", error);
      await this.report("answer_lost");
      return (await this.settle()) ?? tryAgain("The answer to this creation was lost, and nothing was made of it.");
    }
  }

  private async reserve({ caller, provider, usd, limits, total, fingerprint }: CreationRequest): Promise<Outcome | undefined> {
    let refusal: RefusalData | undefined;
    try {
      refusal = await this.account.reserve({
        id: (this.kept as Kept).reservation,
        caller,
        provider,
        limits,
        total,
        ...(usd !== undefined && { usd }),
        ...(fingerprint && { fingerprint }),
      });
    } catch (cause) {
      // It may have been written: the alarm gives it back.
      this.say("reservation_failed", cause);
      return tryAgain("This server cannot reach its records. Nothing was sent.");
    }
    if (!refusal) return undefined;
    await this.forget();
    return refused(Refusal.of(refusal));
  }

  /** The outcome of a creation whose answer was lost; nothing where it was never made. */
  private async settle(): Promise<Outcome | undefined> {
    const { order, reservation } = this.kept as Kept;
    const { provider } = order;
    const here = searchOnly({ env: this.env, provider }, (ids) => this.account.owned(provider, "generation", ids));
    const found = await recover(clientOf(this.env, this.ctx, order, here, 4), provider, this.ctx.storage, here);
    if (found === "unknown") return this.unknown();
    if (found !== "never") return this.made(outcome(201, found.raw), found);
    await this.account.release(reservation);
    await this.forget();
    return undefined;
  }

  /** Looks again for one of unknown outcome, at a time when the job of no other could be taken for its own. */
  private async searchAgain({ order: { provider, fingerprint }, reservation: id }: Kept): Promise<Outcome | undefined> {
    if (!(await this.account.search({ id, provider, ...(fingerprint && { fingerprint }) }))) return this.settle();
    await this.wakeIn(MINUTE);
    return undefined;
  }

  private async made(answer: Answer, made: Generation): Promise<Outcome> {
    const { watched } = (this.kept as Kept).order;
    const safe = this.safe<Outcome>({ ...answer, generation: made.id, ...(watched && { made: JSON.stringify(made) }) });
    await this.keep({ ...(this.kept as Kept), state: "made", answer: safe, recorded: false, tries: 0 }, SECOND);
    await this.record();
    return safe;
  }

  private async unknown(): Promise<Outcome> {
    const answer = unknownOutcome("The answer to this creation was lost, and the provider cannot tell its outcome: it may have been made.");
    const { tries } = this.kept as Kept;
    await this.keep({ ...(this.kept as Kept), state: "unknown", answer, recorded: false, tries: tries + 1 }, SECOND);
    await this.record();
    return answer;
  }

  /** The provider made nothing of it, and said why; or it was never reached. */
  private async refusedBy(error: LumaError, { last }: Exchange): Promise<Outcome> {
    const { order, reservation } = this.kept as Kept;
    await this.account.release(reservation);
    await this.forget();
    const refusal = keyRefusal(error);
    if (refusal) return refused(refusal);
    if (last && error.status !== undefined) return { ...this.safe(last), error: this.safe(failureOf(error)) };
    if (error.code === "invalid_request") return refused(new Refusal(422, "invalid_request", error.message, { problems: error.problems }));
    this.say("not_sent", error, order);
    return { ...tryAgain("The provider could not be reached. Nothing was sent."), unreached: true };
  }

  private async goOn(): Promise<void> {
    const { kept } = this;
    if (this.running) return this.wakeIn(GUARD);
    if (!kept) return;
    if (!kept.recorded && kept.answer) return this.record();
    if (kept.state === "begun") await this.run(() => this.settle());
    else if (kept.state === "made" && !kept.order.watched) await this.watch(kept);
    else if (await this.isSearching()) await this.run(() => this.searchAgain(kept));
    else if (Date.now() < kept.at + KEEP) await this.wakeIn(kept.at + KEEP - Date.now());
    else await this.forget();
  }

  /** Has the account record its outcome, now or by the alarm that is set already. */
  private async record(): Promise<void> {
    const kept = this.kept as Kept;
    const { reservation: id } = kept;
    try {
      if (kept.answer?.generation) await this.account.started(id, kept.answer.generation);
      else await this.account.unknown(id);
    } catch (error) {
      this.say("account_failed", error);
      return this.wakeIn(SECOND);
    }
    const isRead = kept.state === "made" && !kept.order.watched;
    const next = isRead ? POLL_PAUSE.first : (await this.isSearching()) ? (SEARCH_PAUSES[kept.tries - 1] ?? KEEP) : KEEP;
    await this.keep({ ...kept, recorded: true }, next);
  }

  /** Reads the job until it ends, so that its place and its money are given back though its caller does not ask. */
  private async watch(kept: Kept): Promise<void> {
    const { order, answer } = kept;
    const id = answer?.generation as string;
    const age = Date.now() - kept.at;
    const client = clientOf(this.env, this.ctx, order, sending({ env: this.env, provider: order.provider }), 0);
    const job = await client.get(id).catch((error: LumaError) => error);
    const notFound = job instanceof Error && isGone(job) ? (kept.notFound ?? 0) + 1 : 0;
    const isOver = job instanceof Error ? isLost(job, notFound, READS_UNTIL_GONE, age) : hasEnded(job);
    if (!isOver && age < LONGEST_JOB)
      return this.keep({ ...kept, notFound }, Math.min(POLL_PAUSE.most, Math.max(POLL_PAUSE.first, POLL_PAUSE.part * age)));
    const refunded = !(job instanceof Error) && isRefunded(job);
    await this.account.ended(order.provider, [{ id, refunded }]);
    if (order.keyed) await this.keep({ ...kept, state: "ended" }, KEEP);
    else await this.forget();
  }

  /** Whether it is looked for again: it is unknown, the provider has a list, and the library a ticket to find it by. */
  private async isSearching(): Promise<boolean> {
    const { state, tries, order } = this.kept as Kept;
    if (state !== "unknown" || order.fingerprint === undefined || SEARCH_PAUSES[tries - 1] === undefined) return false;
    return (await this.ctx.storage.list({ prefix: "luma-edge:ticket:", limit: 1 })).size > 0;
  }

  /** A value in which no secret shows. */
  private safe<T extends object>(value: T): T {
    return JSON.parse(without(secretsOf(this.env), JSON.stringify(value)));
  }

  private async keep(kept: Kept, wake: number): Promise<void> {
    this.kept = kept;
    this.ctx.storage.put("kept", kept);
    await this.wakeIn(wake);
  }

  private async forget(): Promise<void> {
    this.kept = undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  private async wakeIn(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }

  /** A line of the log: alarms have no request whose line it could be in. */
  private say(event: string, error: unknown, order = this.kept?.order): void {
    const { caller, provider, requestId } = order ?? {};
    const whose = { request_id: requestId, creation: String(this.ctx.id), caller, provider };
    log({ event, ...whose, error: reason(error) }, secretsOf(this.env));
  }

  /** For the operator, as far as the account can be reached. */
  private async report(code: string): Promise<void> {
    const { caller, provider, requestId } = this.kept?.order ?? {};
    const whose = { ...(caller && { caller }), ...(provider && { provider }), ...(requestId && { request_id: requestId }) };
    await report(this.env, { code, ...whose });
  }

  private get account(): AccountStub {
    return accountOf(this.env);
  }
}

const tryAgain = (message: string) => refused(new Refusal(429, "try_again", `${message} It can be sent again.`, { retryAfter: 1 }));
