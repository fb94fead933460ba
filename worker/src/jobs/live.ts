// Jobs as they change, for those that subscribe. Of a subscriber nothing is kept but the number of the last change that it was sent: what
// it is behind on is read when it takes more. So a slow one costs nothing, and of several changes of a job it gets the last.

import { type Env, secretsOf } from "../env.js";
import { log, reason } from "../log.js";
import type { RefusalData } from "../refusal.js";
import { EventStream, HEARTBEAT } from "./event-stream.js";
import { isFinal } from "./job.js";
import { jobOf } from "./row.js";
import type { JobStore } from "./store.js";
import type { JobChange, Subscription, SubscriptionRequest } from "./subscription.js";

/** Of a socket, with its subscription: how much was sent through it, in characters. It outlives the object. */
interface Attachment extends Subscription {
  sent: number;
}

/** How many changes are read at once. */
const PAGE = 32;
/**
 * What is sent through a socket, in characters, before it is closed: what its reader has not taken yet is in memory, and a socket does not
 * report how much that is. A reader that keeps up connects again where it was.
 */
const MOST_SENT = 4_000_000;
/** How often a stream has a sign of life, in ms: less than what is between takes for a dead connection. */
const HEARTBEAT_EVERY = 15_000;
/** Subscribers of one caller at once. */
const MOST_SUBSCRIBERS = 1000;

export class Live {
  private readonly streams = new Set<EventStream>();
  /** Callers whose subscribers are behind. */
  private readonly changed = new Set<string>();
  private timer: number | null = null;

  constructor(
    private readonly ctx: DurableObjectState,
    private readonly env: Env,
    private readonly jobs: JobStore,
  ) {
    // A subscriber can see that it is connected, and the object sleeps on.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** A subscriber comes: by Server-Sent Events, or by a WebSocket that sleeps with the object. */
  subscribe(request: SubscriptionRequest, isSocket: boolean): Response | RefusalData {
    const { caller, id, after } = request;
    if (id !== undefined && !this.jobs.find(caller, id)) return { status: 404, code: "not_found", message: "There is no such job." };
    if (this.sockets(caller).length + [...this.streams].filter((stream) => stream.caller === caller).length >= MOST_SUBSCRIBERS) {
      this.heartbeats(); // some may be gone
      return { status: 429, code: "limit", message: `A caller may have ${MOST_SUBSCRIBERS} connections that watch.`, retryAfter: 1 };
    }
    const last = this.jobs.lastChange();
    // A number that was never given is of another storage: all may have changed since. For one job its state always comes first.
    const seen = after === undefined ? last : after > last ? 0 : after;
    const subscription: Subscription = { ...request, after: id === undefined ? seen : 0 };
    return isSocket ? this.socket(subscription) : this.stream(subscription, after === undefined && id === undefined);
  }

  /** A job of the caller's has changed: its subscribers get it, once for all that happens now. */
  onChange(caller: string): void {
    if (!this.changed.size) queueMicrotask(() => this.flush());
    this.changed.add(caller);
  }

  private flush(): void {
    const callers = new Set(this.changed);
    this.changed.clear();
    for (const caller of callers) {
      const changesOf = memoized((subscription) => this.changes(subscription));
      for (const socket of this.sockets(caller)) this.send(socket, changesOf);
    }
    for (const stream of this.streams) if (callers.has(stream.caller)) stream.wake();
  }

  /** What a subscriber has not had yet, in order; some of it. */
  private changes({ caller, id, after }: Subscription): JobChange[] {
    const one = id === undefined ? undefined : this.jobs.find(caller, id);
    const rows = id === undefined ? this.jobs.changes(caller, after, PAGE) : one && one.seq > after ? [one] : [];
    // Without positions: each job that is sent changes those of all behind it.
    return rows.map((row) => ({ seq: row.seq, job: jobOf(row) }));
  }

  private stream(subscription: Subscription, beginsWithId: boolean): Response {
    const stream = new EventStream(
      subscription,
      () => this.changes(subscription),
      () => {
        this.streams.delete(stream);
        if (this.streams.size) return;
        clearInterval(this.timer);
        this.timer = null;
      },
    );
    this.streams.add(stream);
    this.timer ??= setInterval(() => this.heartbeats(), HEARTBEAT_EVERY);
    // So that a reader whose connection is cut before anything changes knows where to go on.
    stream.write(beginsWithId ? `id: ${subscription.after}\n\n` : HEARTBEAT);
    return new Response(stream.body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }

  /** A reader that is gone is found by what it does not take. */
  private heartbeats(): void {
    for (const stream of this.streams) stream.heartbeat();
  }

  private socket(subscription: Subscription): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [tagOf(subscription.caller)]);
    server.serializeAttachment({ ...subscription, sent: 0 } satisfies Attachment);
    this.send(server, (subscription) => this.changes(subscription));
    return new Response(null, { status: 101, webSocket: client });
  }

  private sockets(caller: string): WebSocket[] {
    return this.ctx
      .getWebSockets(tagOf(caller))
      .filter((socket) => socket.readyState === WebSocket.OPEN && (socket.deserializeAttachment() as Attachment).caller === caller);
  }

  /** Sends a socket all that it is behind on, up to its bound. */
  private send(socket: WebSocket, changesOf: (subscription: Subscription) => JobChange[]): void {
    const state = socket.deserializeAttachment() as Attachment;
    try {
      for (let changes = changesOf(state); changes.length; changes = changesOf(state)) {
        for (const change of changes) {
          if (!this.sendOne(socket, state, change)) return;
        }
      }
      socket.serializeAttachment(state);
    } catch (error) {
      log({ event: "subscriber_lost", error: reason(error) }, secretsOf(this.env)); // it comes again, and goes on
      socket.close(1011);
    }
  }

  /** Whether the socket goes on. */
  private sendOne(socket: WebSocket, state: Attachment, { seq, job }: JobChange): boolean {
    const text = JSON.stringify({ id: seq, job });
    socket.send(text);
    state.after = seq;
    state.sent += text.length;
    const hasEnded = state.id !== undefined && isFinal(job.state);
    if (hasEnded) socket.close(1000, "The job has ended.");
    else if (state.sent > MOST_SENT) socket.close(1013, "Connect again, with the last id as last_event_id.");
    else return true;
    return false;
  }
}

/** Sockets are found by it, among a few of others: a name may be longer than a tag. */
const tagOf = (caller: string): string => caller.slice(0, 60);

/** Many subscribers are at the same change: it is read for them once. */
function memoized(read: (subscription: Subscription) => JobChange[]): (subscription: Subscription) => JobChange[] {
  const known = new Map<string, JobChange[]>();
  return (subscription) => {
    const key = `${subscription.id} ${subscription.after}`;
    const changes = known.get(key) ?? read(subscription);
    known.set(key, changes);
    return changes;
  };
}
