/**
 * One job from the press of the button to the picture. `phase` is `waiting`, `stopped` (nobody waits; the job goes on),
 * `completed` (`media` plays) or `failed` (`error` says why). Tells of every change with a `change` event.
 */
export class Job extends EventTarget {
  phase = "waiting";
  /** The newest thing known of it: `undefined` until the provider has taken it. */
  generation;
  /** Why the waiting ended without a picture: a `LumaError`. */
  error;
  /** What plays: `{ type, url }`, once it is there. */
  media;
  /** Settles when the provider has taken it, or it came to an end before. */
  taken = new Promise((resolve) => {
    this.addEventListener("change", () => (this.generation || this.phase !== "waiting") && resolve());
  });
  #begin;
  #progress = { elapsed: 0, expected: undefined };
  #seenAt;
  #abort;

  /**
   * @param connection where it runs
   * @param request what was asked for
   * @param begin starts it: takes `{ signal, onUpdate }`, gives the finished generation
   */
  constructor(connection, request, begin) {
    super();
    this.connection = connection;
    this.request = request;
    this.#begin = begin;
    this.#seenAt = connection.now();
    this.#run(begin);
  }

  /** Makes something new. */
  static generate(connection, request) {
    return new Job(connection, request, (options) => connection.client.generate(request, options));
  }

  /** Makes something out of a finished job: `method` is `upscale` or `addAudio`. */
  static derive(source, method, request) {
    const { connection, generation } = source;
    const { client } = connection;
    return new Job(connection, { ...source.request, ...request }, async ({ signal, onUpdate }) => {
      const queued = await client[method](generation.id, request, { signal });
      onUpdate(queued);
      return client.poll(queued, { signal, onUpdate });
    });
  }

  /** The same once more, as a job of its own. */
  again() {
    return new Job(this.connection, this.request, this.#begin);
  }

  /** Whether there is something left to wait for, or a finished file that could not be fetched. */
  get canWait() {
    return Boolean(this.generation) && this.generation.state !== "failed" && this.phase !== "completed";
  }

  /** How long it has run and usually takes, in ms of its connection's time. `expected` is unknown until it was taken. */
  get progress() {
    const { elapsed, expected } = this.#progress;
    return { elapsed: this.phase === "waiting" ? elapsed + this.age : elapsed, expected };
  }

  /** How long ago it was seen last, in ms of its connection's time. */
  get age() {
    return this.connection.now() - this.#seenAt;
  }

  /** Ends the waiting, not the job. */
  cancel() {
    this.#abort.abort();
  }

  /** Takes the waiting up again. */
  wait() {
    this.#run((options) => this.connection.client.poll(this.generation, options));
  }

  /** Ends the waiting and gives back the memory that the picture takes. */
  drop() {
    this.cancel();
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
      this.#change(error.code === "aborted" ? "stopped" : "failed");
    }
  }

  #update({ progress = this.#progress, ...generation }) {
    this.generation = generation;
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
