import { LumaError } from "luma-edge";

/**
 * One job from the press of the button to the picture. `phase` is `waiting`, `stopped` (the page no longer waits; the job goes on),
 * `completed` (`media` plays) or `failed` (`error` says why). Every change dispatches a `change` event.
 */
export class Job extends EventTarget {
  phase = "waiting";
  /** The job as last seen: `undefined` until the provider has accepted it. */
  generation;
  /** Its position in the rate limiter's queue, `{ position, wait }`, before it is sent. */
  queue;
  /** Why the waiting ended without a picture: a `LumaError`. */
  error;
  /** What plays: `{ type, url }`, once it is there. */
  media;
  /** Settles when the provider has accepted it, it is queued, or it ended before. */
  taken = new Promise((resolve) => {
    this.addEventListener("change", () => (this.generation || this.queue || this.phase !== "waiting") && resolve());
  });
  #begin;
  #again;
  #follows; // whether another call waits for its outcome
  #progress = { elapsed: 0, expected: undefined, confidence: 0 };
  #seenAt;
  #abort;

  /**
   * @param connection where it runs
   * @param request the request
   * @param begin starts it: takes `{ signal, onUpdate }`, returns the finished generation
   * @param again starts the same anew, where `begin` only waits for a job that was started elsewhere
   */
  constructor(connection, request, begin, again = begin) {
    super();
    this.connection = connection;
    this.request = request;
    this.#begin = begin;
    this.#again = again;
    this.#follows = again !== begin;
    this.#seenAt = connection.now();
    this.#run(begin);
  }

  /** Generates from a request. */
  static generate(connection, request) {
    return new Job(connection, request, generating(connection, request));
  }

  /** Generates from the same request several times: each result differs. */
  static variations(connection, request, count) {
    const outcomes = Array.from({ length: count }, () => Promise.withResolvers());
    const listeners = [];
    const jobs = outcomes.map(({ promise }, index) =>
      Job.#follow(connection, request, promise, (listener) => (listeners[index] = listener)),
    );
    const settle = async () => {
      const requests = Array(count).fill(request);
      const { keep } = connection;
      const batch = connection.client.generateAll(requests, { keep, onUpdate: (update, index) => listeners[index](update) });
      for await (const { index, status, value, reason } of batch) {
        if (status === "fulfilled") outcomes[index].resolve(value);
        else outcomes[index].reject(reason);
      }
    };
    settle();
    return jobs;
  }

  /** The jobs from before this page was loaded: unfinished ones, and finished ones that were kept. */
  static async resume(connection) {
    const listeners = new Map();
    const resumed = await connection.client.resume({ onUpdate: (update, ticket) => listeners.get(ticket)?.(update) });
    return resumed.map(({ ticket, request = {}, id, done }) => {
      const job = Job.#follow(connection, request, done, (listener) => listeners.set(ticket, listener));
      job.id = id;
      return job;
    });
  }

  /** A job that another call waits for; `listen` takes the listener for its updates. */
  static #follow(connection, request, outcome, listen) {
    outcome.catch(() => {}); // each caller that waits handles it
    const begin = ({ signal, onUpdate }) => {
      listen(onUpdate);
      const aborted = new Promise((_, reject) => {
        signal.addEventListener("abort", () =>
          reject(new LumaError({ code: "aborted", message: "The page does not wait for it; it goes on" })),
        );
      });
      return Promise.race([outcome, aborted]);
    };
    return new Job(connection, request, begin, generating(connection, request));
  }

  /** Derives from a finished job: `method` is `upscale` or `addAudio`. */
  static derive(source, method, request) {
    const { connection, generation } = source;
    const { client, keep } = connection;
    return new Job(connection, { ...source.request, ...request }, async ({ signal, onUpdate }) => {
      const queued = await client[method](generation.id, request, { signal, keep });
      onUpdate(queued);
      return client.poll(queued, { signal, onUpdate });
    });
  }

  /** The same once more, as a job of its own. */
  again() {
    return new Job(this.connection, this.request, this.#again);
  }

  /** Whether there is something left to wait for, or a finished file that could not be fetched. */
  get canWait() {
    if (this.phase === "stopped" && this.#follows) return true;
    return Boolean(this.generation) && this.generation.state !== "failed" && this.phase !== "completed";
  }

  /**
   * How long it has run and usually takes, in ms of its connection's time, and how reliable that is, from 0 to 1. `expected` is
   * unknown until the provider has accepted it.
   */
  get progress() {
    const { elapsed, ...usually } = this.#progress;
    return { elapsed: this.phase === "waiting" && !this.queue ? elapsed + this.age : elapsed, ...usually };
  }

  /** How long ago it was last seen, in ms of its connection's time. */
  get age() {
    return this.connection.now() - this.#seenAt;
  }

  /** Ends the waiting, not the job. */
  cancel() {
    this.#abort.abort();
  }

  /** Waits again. */
  wait() {
    const poll = (options) => this.connection.client.poll(this.generation, options);
    this.#run(this.phase === "stopped" && this.#follows ? this.#begin : poll);
  }

  /** Ends the waiting, lets go of a finished job that was kept, and frees the memory of the picture. */
  drop() {
    this.cancel();
    if (this.phase === "completed") this.connection.client.acknowledge(this.generation).catch(() => {});
    if (this.connection.inside && this.media) URL.revokeObjectURL(this.media.url);
    this.media = undefined;
  }

  async #run(work) {
    const { signal } = (this.#abort = new AbortController());
    this.error = undefined;
    this.#change("waiting");
    try {
      this.generation = await work({ signal, onUpdate: (update) => this.#update(update) });
      this.media = await this.#fetchMedia(signal);
      this.#change("completed");
    } catch (error) {
      this.error = error;
      this.generation = error.generation ?? this.generation;
      this.queue = undefined;
      this.#change(error.code === "aborted" ? "stopped" : "failed");
    }
  }

  #update({ progress = this.#progress, queue, ...generation }) {
    if (this.phase !== "waiting") return; // the page no longer waits
    this.queue = queue;
    if (!queue) this.generation = generation;
    this.#progress = progress;
    this.#seenAt = this.connection.now();
    this.#change("waiting");
  }

  async #fetchMedia(signal) {
    const { client, inside } = this.connection;
    const { video, image } = this.generation.assets;
    const media = video ? { type: "video", url: video } : { type: "image", url: image };
    if (!inside) return media;
    const file = await client.download(this.generation, { signal });
    return { ...media, url: URL.createObjectURL(await file.blob()) };
  }

  #change(phase) {
    this.phase = phase;
    this.dispatchEvent(new Event("change"));
  }
}

function generating({ client, keep }, request) {
  return (options) => client.generate(request, { ...options, keep });
}
