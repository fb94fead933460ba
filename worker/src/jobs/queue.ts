// The one object through which every job goes: it is written down, sent when its turn comes, polled until it ends, its results are kept,
// and its webhook is notified. An alarm wakes it. Work that a crash cuts off is due again: each job has a creation object, which makes it
// once however often it is asked.

import { DurableObject } from "cloudflare:workers";
import type { ProviderId } from "luma-edge";
import { type Env, PROVIDERS, secretsOf } from "../env.js";
import type { Limits } from "../limits/limits.js";
import { report } from "../limits/report.js";
import { log, reason } from "../log.js";
import type { RefusalData } from "../refusal.js";
import { CallerQueues } from "./caller-queues.js";
import type { QueueContext } from "./context.js";
import { deliver } from "./deliver.js";
import { nextToSend } from "./dispatch.js";
import type { Job } from "./job.js";
import { keep } from "./keep.js";
import { Live } from "./live.js";
import { overviewOf, type QueueOverview } from "./overview.js";
import type { Row, Running } from "./row.js";
import { GUARD, POLL_TOGETHER } from "./schedule.js";
import { send } from "./send.js";
import { type Filter, JobStore, type Submission, type SubmissionKey } from "./store.js";
import type { SubscriptionRequest } from "./subscription.js";
import { Throttle } from "./throttle.js";
import { watch } from "./watch.js";

/** What is under way at once; of polls, for each provider. */
const MOST = { send: 32, poll: 2, keep: 8, deliver: 16 };
/** How many jobs one poll is about. */
const MOST_POLLED = 500;
/** A poll that takes longer does not hold up the next one, in ms: a read in it may hang. */
const LONG_POLL = 3000;
/** How late an alarm may be before another one is set, in ms. */
const LATE = 5000;
/** Of them, webhooks of one caller. */
const MOST_OF_CALLER = 4;
/** Thousands of jobs are due at thousands of times: those of so many ms are looked at together. */
const SHORTEST_TICK = 200;
/** How many jobs of one caller may wait. */
const MOST_WAITING = 100_000;
/** How often what ended long ago is forgotten, in ms. */
const FORGET = 600_000;

/** The Durable Object of the jobs: for the binding `QUEUE`. */
export class Queue extends DurableObject<Env> {
  private readonly jobs: JobStore;
  private readonly queues: CallerQueues;
  private readonly throttle: Throttle;
  private readonly context: QueueContext;
  private readonly live: Live;
  /** What is under way, by its name; of what is sent, the provider. */
  private readonly busy = new Map<string, ProviderId | undefined>();
  /** What failed, and is not begun again before the next alarm. */
  private readonly resting = new Set<string>();
  /** The jobs that are being polled. */
  private readonly polled = new Set<number>();
  /** When the next poll may begin, at a provider that is being polled. */
  private readonly nextPoll = new Map<ProviderId, number>();
  private isTicking = false;
  private alarmAt = Number.POSITIVE_INFINITY;
  private forgotten = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.jobs = new JobStore(ctx.storage.sql, (caller) => this.live.onChange(caller));
    this.queues = new CallerQueues(ctx.storage.sql);
    this.throttle = new Throttle(ctx.storage.sql);
    this.context = { env, jobs: this.jobs, queues: this.queues, throttle: this.throttle };
    this.live = new Live(ctx, env, this.jobs);
    // Interrupted work continues at once.
    if (this.jobs.nextDue(-1) !== undefined) this.wakeAt(Date.now());
  }

  /** What was submitted with a key: its jobs, or what refuses another body. */
  submitted(caller: string, key: SubmissionKey): Job[] | RefusalData | undefined {
    const known = this.jobs.submitted(caller, key);
    return known && (known.jobs ?? { status: 409, code: "idempotency", message: "This Idempotency-Key was used for another request." });
  }

  /** Takes jobs, all of them or none. */
  submit(submission: Submission, limits: Limits): Job[] | RefusalData {
    const { caller, provider, wanted, key } = submission;
    const known = key && this.submitted(caller, key);
    if (known) return known;
    if (this.jobs.hasWaiting(caller, MOST_WAITING + 1 - wanted.length)) {
      const message = `Too many jobs are waiting: a caller may have ${MOST_WAITING}.`;
      return { status: 429, code: "limit", message, retryAfter: 60 };
    }
    const jobs = this.ctx.storage.transactionSync(() => {
      this.queues.join(caller, provider, limits);
      return this.jobs.submit(submission);
    });
    this.soon();
    return jobs;
  }

  /** A job of the caller's, with its history. */
  find(caller: string, id: string): Job | undefined {
    const row = this.jobs.find(caller, id);
    return row && this.jobs.withHistory(row);
  }

  /** A page of the caller's jobs, the newest first; `next` is where the next one begins. */
  list(caller: string, filter: Filter): { jobs: Job[]; next?: number } {
    const rows = this.jobs.list(caller, { ...filter, limit: filter.limit + 1 });
    const shown = rows.slice(0, filter.limit);
    const last = shown.at(-1);
    return { jobs: this.jobs.toJobs(shown), ...(last && rows.length > shown.length && { next: last.n }) };
  }

  /** Withdraws a job that was not sent. */
  cancel(caller: string, id: string): Job | RefusalData | undefined {
    const row = this.jobs.find(caller, id);
    if (!row) return undefined;
    if (row.stage === "end") return { status: 409, code: "already_ended", message: `This job has ended: it is ${row.state}.` };
    if (row.stage !== "wait")
      return { status: 409, code: "already_sent", message: "This job has been sent to the provider, which may charge it." };
    this.jobs.change(row.n, { state: "cancelled", stage: "end", usd: 0 }, "cancelled");
    this.soon();
    return this.jobs.toJobs([this.jobs.row(row.n) as Row])[0];
  }

  /** Something happened to a job at its provider: it is polled now. */
  wake(id: string): void {
    if (this.jobs.wake(id, Date.now())) this.soon();
  }

  /** Throws where its storage does not answer. */
  ping(): void {
    this.ctx.storage.sql.exec("SELECT 1 FROM jobs LIMIT 1");
  }

  /** What the operator is shown. */
  overview(): QueueOverview {
    return overviewOf(this.ctx.storage.sql);
  }

  /** A subscriber comes: the address says what it wants. */
  override async fetch(request: Request): Promise<Response> {
    const wanted: SubscriptionRequest = JSON.parse(new URL(request.url).searchParams.get("wanted") ?? "");
    const answer = this.live.subscribe(wanted, request.headers.has("upgrade"));
    return answer instanceof Response ? answer : Response.json(answer, { status: answer.status });
  }

  /** A subscriber leaves, and is answered. */
  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  override async alarm(): Promise<void> {
    this.alarmAt = Number.POSITIVE_INFINITY;
    this.resting.clear();
    this.tick();
  }

  /** Looks for what is due, once for all that happens now. */
  private soon(): void {
    if (this.isTicking) return;
    this.isTicking = true;
    queueMicrotask(() => {
      this.isTicking = false;
      this.tick();
    });
  }

  /** Starts what is due, and sets the alarm for what comes next. */
  private tick(): void {
    try {
      const now = Date.now();
      this.forget(now);
      this.queues.release(now);
      for (const row of this.jobs.due("send", now, 2 * MOST.send))
        this.start(`send ${row.n}`, MOST.send, () => send(this.context, row), row.provider);
      this.pollDue(now);
      for (const row of this.jobs.due("keep", now, 2 * MOST.keep)) this.start(`keep ${row.n}`, MOST.keep, () => keep(this.context, row));
      for (const one of this.jobs.dueDeliveries(now, 2 * MOST.deliver, MOST_OF_CALLER))
        this.start(`deliver ${one.n}`, MOST.deliver, () => deliver(this.context, one));
      this.dispatch(now);
      this.wakeAt(this.nextAt(now));
    } catch (error) {
      log({ event: "queue_failed", error: reason(error) }, secretsOf(this.env));
      this.wakeAt(Date.now() + GUARD);
    }
  }

  private forget(now: number): void {
    if (now < this.forgotten + FORGET) return;
    this.queues.forget(now);
    if (this.jobs.forget(now)) this.forgotten = now;
  }

  /** When to look again. What is due by now is under way, or waits for what is; the end of that is looked at. */
  private nextAt(now: number): number | undefined {
    const times = [
      this.jobs.nextDue(now),
      this.queues.nextRelease(),
      this.throttle.nextRelease(now),
      ...[...this.nextPoll.values()].filter((at) => at > now),
      // Also while jobs wait for a limit that only new settings raise: nothing else would wake it then.
      this.busy.size || this.resting.size || this.queues.isAny() ? now + GUARD : undefined,
    ];
    const known = times.filter((at) => at !== undefined);
    return known.length ? Math.max(now + SHORTEST_TICK, Math.min(...known)) : undefined;
  }

  private wakeAt(at: number | undefined): void {
    const isLate = this.alarmAt < Date.now() - LATE; // then it may be lost
    if (at === undefined || (at >= this.alarmAt && !isLate)) return; // an early alarm does no harm
    this.alarmAt = at;
    this.ctx.storage.setAlarm(at);
  }

  /** Begins work, unless it is under way or too much of its kind is. Its end is looked at, and so is what it left undone. */
  private start(name: string, most: number, work: () => Promise<void>, provider?: ProviderId): void {
    const [kind = ""] = name.split(" ");
    if (this.busy.has(name) || this.resting.has(name) || this.countBusy(kind) >= most) return;
    this.busy.set(name, provider);
    const done = work()
      .catch((error) => {
        this.resting.add(name);
        log({ event: "queue_failed", work: name, error: reason(error) }, secretsOf(this.env));
        return report(this.env, { code: "queue_failed", ...(provider && { provider }) });
      })
      .finally(() => {
        this.busy.delete(name);
        this.soon();
      });
    this.ctx.waitUntil(done);
  }

  private countBusy(kind: string, provider?: ProviderId): number {
    let count = 0;
    for (const [name, its] of this.busy) if (name.startsWith(`${kind} `) && (provider === undefined || its === provider)) count++;
    return count;
  }

  /** Sends whose turn it is, as long as there is room. */
  private dispatch(now: number): void {
    const takesOneMore = (provider: ProviderId) => this.throttle.takesOneMore(provider, this.countBusy("send", provider), now);
    while (this.countBusy("send") < MOST.send) {
      const row = nextToSend(this.context, takesOneMore, now);
      if (!row) return;
      this.start(`send ${row.n}`, MOST.send, () => send(this.context, row), row.provider);
    }
  }

  /** A poll of all that are due at a provider or soon are. One that does not answer delays no other. */
  private pollDue(now: number): void {
    for (const provider of PROVIDERS) {
      if (now < (this.nextPoll.get(provider) ?? 0) || this.countBusy("poll", provider) >= MOST.poll) continue;
      const due = this.jobs.duePolls(provider, now + POLL_TOGETHER, MOST_POLLED + this.polled.size);
      const rows = due.filter(({ n }) => !this.polled.has(n)).slice(0, MOST_POLLED);
      if (rows.some(({ due }) => due <= now)) this.start(`poll ${provider} ${now}`, Infinity, () => this.poll(provider, rows), provider);
    }
  }

  private async poll(provider: ProviderId, rows: readonly Running[]): Promise<void> {
    this.nextPoll.set(provider, Date.now() + LONG_POLL);
    for (const { n } of rows) this.polled.add(n);
    try {
      await watch(this.context, provider, rows);
    } finally {
      this.nextPoll.delete(provider);
      for (const { n } of rows) this.polled.delete(n);
    }
  }
}
