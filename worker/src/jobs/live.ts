// Jobs as they change, for those that watch. Of a watcher nothing is kept but its place, the number of the last change that it was given:
// what it is behind on is read when it takes more. So a slow one costs nothing, and of several changes of a job it gets the last.

import type { Env } from "../env.js";
import { secretsOf } from "../env.js";
import { log, reason } from "../log.js";
import type { RefusalData } from "../refusal.js";
import { isFinal, type Job } from "./job.js";
import type { JobStore } from "./store.js";

/** What is watched, and from where on. */
export interface Place {
  caller: string;
  /** One job; without it, all of the caller's. */
  id?: string;
  /** The number of the last change that was seen; without it, only what changes from now on. */
  after?: number;
}

interface Watch extends Place {
  after: number;
}

interface News {
  seq: number;
  job: Job;
}

/** Of a socket, with its place: how much was sent through it, in characters. It outlives the object. */
interface Attachment extends Watch {
  sent: number;
}

/** How many changes are read at once. */
const PAGE = 32;
/** What may wait for a stream's reader, in bytes, before no more is read for it. */
const AHEAD = 64_000;
/**
 * What is sent through a socket, in characters, before it is closed: what its reader has not taken yet is in memory, and a socket does not
 * tell how much that is. A reader that keeps up connects again where it was.
 */
const MOST_SENT = 4_000_000;
/** How often a stream has a sign of life, in ms: less than what is between takes for a dead connection. */
const HEARTBEAT = 15_000;
/** Watchers of one caller at once. */
const MOST_WATCHERS = 1000;

export class Live {
  private readonly streams = new Set<Stream>();
  private readonly changes = new Set<string>();
  private heartbeat: number | null = null;

  constructor(
    private readonly ctx: DurableObjectState,
    private readonly env: Env,
    private readonly jobs: JobStore,
  ) {
    // A watcher can see that it is connected, and the object sleeps on.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** A watcher comes: by Server-Sent Events, or by a WebSocket that sleeps with the object. */
  watch(place: Place, isSocket: boolean): Response | RefusalData {
    const { caller, id } = place;
    if (id !== undefined && !this.jobs.find(caller, id)) return { status: 404, code: "not_found", message: "There is no such job." };
    if (this.sockets(caller).length + [...this.streams].filter((stream) => stream.caller === caller).length >= MOST_WATCHERS) {
      this.beat(); // some may be gone
      return { status: 429, code: "limit", message: `A caller may have ${MOST_WATCHERS} connections that watch.`, retryAfter: 1 };
    }
    const last = this.jobs.lastChange();
    // A number that was never given is of another storage: all may have changed since. Of one job its state comes first, whatever was seen.
    const seen = place.after === undefined ? last : place.after > last ? 0 : place.after;
    const watch: Watch = { ...place, after: id === undefined ? seen : 0 };
    return isSocket ? this.socket(watch) : this.stream(watch, place.after === undefined && id === undefined);
  }

  /** A job of the caller's has changed: its watchers are told, once for all that happens now. */
  changed(caller: string): void {
    if (!this.changes.size) queueMicrotask(() => this.tellAll());
    this.changes.add(caller);
  }

  private tellAll(): void {
    const callers = new Set(this.changes);
    this.changes.clear();
    for (const caller of callers) {
      const news = remembered((watch: Watch) => this.news(watch));
      for (const socket of this.sockets(caller)) this.tell(socket, news);
    }
    for (const stream of this.streams) if (callers.has(stream.caller)) stream.wake();
  }

  /** What a watcher has not had yet, in order; some of it. */
  private news({ caller, id, after }: Watch): News[] {
    const one = id === undefined ? undefined : this.jobs.find(caller, id);
    const rows = id === undefined ? this.jobs.changes(caller, after, PAGE) : one && one.seq > after ? [one] : [];
    const shown = this.jobs.toJobs(rows);
    return rows.flatMap(({ seq }, index) => (shown[index] ? [{ seq, job: shown[index] }] : []));
  }

  private stream(watch: Watch, tellsPlace: boolean): Response {
    const stream = new Stream(
      watch,
      () => this.news(watch),
      () => {
        this.streams.delete(stream);
        if (this.streams.size) return;
        clearInterval(this.heartbeat);
        this.heartbeat = null;
      },
    );
    this.streams.add(stream);
    this.heartbeat ??= setInterval(() => this.beat(), HEARTBEAT);
    // So that a reader whose connection is cut before anything changes knows its place.
    stream.write(tellsPlace ? `id: ${watch.after}\n\n` : BEAT);
    return new Response(stream.body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }

  /** A reader that is gone is found by what it does not take. */
  private beat(): void {
    for (const stream of this.streams) stream.beat();
  }

  private socket(watch: Watch): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [tagOf(watch.caller)]);
    server.serializeAttachment({ ...watch, sent: 0 } satisfies Attachment);
    this.tell(server, (place) => this.news(place));
    return new Response(null, { status: 101, webSocket: client });
  }

  private sockets(caller: string): WebSocket[] {
    return this.ctx
      .getWebSockets(tagOf(caller))
      .filter((socket) => socket.readyState === WebSocket.OPEN && (socket.deserializeAttachment() as Attachment).caller === caller);
  }

  /** Sends a socket all that it is behind on, up to its bound. */
  private tell(socket: WebSocket, newsOf: (watch: Watch) => News[]): void {
    const place = socket.deserializeAttachment() as Attachment;
    try {
      for (let news = newsOf(place); news.length; news = newsOf(place)) {
        for (const one of news) {
          if (!this.tellOne(socket, place, one)) return;
        }
      }
      socket.serializeAttachment(place);
    } catch (error) {
      log({ event: "watcher_lost", error: reason(error) }, secretsOf(this.env)); // it comes again, with its place
      socket.close(1011);
    }
  }

  /** Whether the socket goes on. */
  private tellOne(socket: WebSocket, place: Attachment, { seq, job }: News): boolean {
    const text = JSON.stringify({ id: seq, job });
    socket.send(text);
    place.after = seq;
    place.sent += text.length;
    const hasEnded = place.id !== undefined && isFinal(job.state);
    if (hasEnded) socket.close(1000, "The job has ended.");
    else if (place.sent > MOST_SENT) socket.close(1013, "Connect again, with the last id as last_event_id.");
    else return true;
    return false;
  }
}

const BEAT = ":\n\n";
const encoder = new TextEncoder();

/** A connection by Server-Sent Events. */
class Stream {
  readonly caller: string;
  readonly body: ReadableStream<Uint8Array>;
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private next: (() => void) | undefined;

  constructor(
    private readonly watch: Watch,
    private readonly news: () => News[],
    private readonly end: () => void,
  ) {
    this.caller = watch.caller;
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => this.pull(),
        cancel: () => this.end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }),
    );
  }

  wake(): void {
    this.next?.();
  }

  write(text: string): void {
    this.controller.enqueue(encoder.encode(text));
  }

  /** None for a reader that has not taken the last ones. */
  beat(): void {
    if ((this.controller.desiredSize ?? 0) > 0) this.write(BEAT);
  }

  /** The reader takes more: what there is, or what comes. */
  private async pull(): Promise<void> {
    let news = this.news();
    while (!news.length) {
      await new Promise<void>((resolve) => {
        this.next = resolve;
      });
      news = this.news();
    }
    this.write(news.map(({ seq, job }) => `id: ${seq}\nevent: job\ndata: ${JSON.stringify(job)}\n\n`).join(""));
    const { seq, job } = news.at(-1) as News;
    this.watch.after = seq;
    if (this.watch.id === undefined || !isFinal(job.state)) return;
    this.controller.close();
    this.end();
  }
}

/** Sockets are found by it, among a few of others: a name may be longer than a tag. */
const tagOf = (caller: string): string => caller.slice(0, 60);

/** Many watchers are at the same place. */
function remembered(news: (watch: Watch) => News[]): (watch: Watch) => News[] {
  const known = new Map<string, News[]>();
  return (watch) => {
    const place = `${watch.id} ${watch.after}`;
    const found = known.get(place) ?? news(watch);
    known.set(place, found);
    return found;
  };
}
